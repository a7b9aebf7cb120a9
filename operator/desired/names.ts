import type { Key } from '../api/kubernetes.ts'
import type { Pipeline } from '../api/pipeline.ts'
import type { Role } from '../../runtime/settings.ts'

/** The name of a role's Deployment (and of the consumer's Service). */
export const childName = (pipeline: Key, role: Role): string => `${pipeline.name}-${role}`

export const managedBy = 'clickstream-operator'
export const managedByLabel = 'app.kubernetes.io/managed-by'
/** Names the pipeline on its topics, which have no owner reference since they may outlive it. */
export const pipelineLabel = 'clickstream.dev/pipeline'
/** Names the Kafka cluster of a topic: the Topic Operator of that cluster serves it. */
export const clusterLabel = 'strimzi.io/cluster'
/** On every child: a hash of what was applied last, so that removed fields are noticed. */
export const appliedAnnotation = 'clickstream.dev/applied'

/** The labels that select a role's pods. They can never change, since a Deployment's selector cannot. */
export const selector = (pipeline: Key, role: Role): Record<string, string> => ({
  'app.kubernetes.io/name': 'clickstream',
  'app.kubernetes.io/instance': pipeline.name,
  'app.kubernetes.io/component': role,
})

/** A label selector as text, for the scale subresource. */
export const selectorText = (pipeline: Key, role: Role): string =>
  Object.entries(selector(pipeline, role))
    .map(([label, value]) => `${label}=${value}`)
    .join(',')

/** The labels of everything that belongs to a pipeline. */
export const labels = (pipeline: Pick<Pipeline, 'name'>): Record<string, string> => ({
  [managedByLabel]: managedBy,
  [pipelineLabel]: pipeline.name,
})
