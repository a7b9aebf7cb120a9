import type { KafkaTopic, ObjectMeta } from '../../api/kubernetes.ts'
import { CLUSTER_LABEL, FINALIZER } from '../claim.ts'

export interface TopicFields {
  metadata?: Partial<ObjectMeta>
  /** Value of the label strimzi.io/cluster; null for none. */
  cluster?: string | null
  annotations?: Record<string, string>
  spec?: KafkaTopic['spec']
  status?: KafkaTopic['status']
}

/** A KafkaTopic of the cluster data-on-eks in namespace kafka, made at noon, with what `fields` says otherwise. */
export function kafkaTopic(name: string, fields: TopicFields = {}): KafkaTopic {
  const { metadata, cluster = 'data-on-eks', annotations = {}, spec = {}, status } = fields
  return {
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaTopic',
    metadata: {
      name,
      namespace: 'kafka',
      uid: `uid-${name}`,
      generation: 1,
      creationTimestamp: '2026-01-31T12:00:00Z',
      labels: cluster === null ? {} : { [CLUSTER_LABEL]: cluster },
      annotations,
      ...metadata,
    },
    spec,
    ...(status && { status }),
  }
}

/** The metadata of an object that its user deleted and our finalizer keeps. */
export const deleting: Partial<ObjectMeta> = {
  deletionTimestamp: '2026-01-31T13:00:00Z',
  finalizers: [FINALIZER],
}

export const released = { 'strimzi.io/managed': 'false' }
export const paused = { 'strimzi.io/pause-reconciliation': 'true' }
