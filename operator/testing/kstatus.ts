import type { Condition, Deployment, KubernetesObject } from '../api/kubernetes.ts'

/** What tools that follow kstatus (sigs.k8s.io/cli-utils, pkg/kstatus/status) make of an object. */
export type KStatus = 'Current' | 'InProgress' | 'Failed' | 'Terminating'

interface Reported extends KubernetesObject {
  status?: { observedGeneration?: unknown; conditions?: unknown }
}

/** Its Compute for the kinds that we have: the generic rules, then those of the kind, else the condition Ready. */
export const kstatus = (object: KubernetesObject): KStatus =>
  generic(object) ?? ofKind[object.kind]?.(object) ?? readyCondition(object)

const conditionsOf = ({ status }: Reported): Partial<Condition>[] =>
  Array.isArray(status?.conditions) ? (status.conditions as Partial<Condition>[]) : []

/** checkGenericProperties: the first of the two conditions that is True decides. */
const generic = (object: Reported): KStatus | undefined => {
  const { metadata, status } = object
  if (metadata.deletionTimestamp !== undefined) return 'Terminating'
  const observed = status?.observedGeneration
  if (metadata.generation !== undefined && observed !== undefined && observed !== metadata.generation)
    return 'InProgress'
  const abnormal = conditionsOf(object).find(
    ({ type, status }) => (type === 'Reconciling' || type === 'Stalled') && status === 'True',
  )
  if (abnormal === undefined) return undefined
  return abnormal.type === 'Stalled' ? 'Failed' : 'InProgress'
}

/** deploymentConditions. */
const deployment = (object: KubernetesObject): KStatus => {
  const { spec, status = {} } = object as Deployment
  const {
    conditions = [],
    replicas = 0,
    updatedReplicas = 0,
    readyReplicas = 0,
    availableReplicas = 0,
  } = status
  const has = (type: string, reason?: string) =>
    conditions.some(
      (one) => one.type === type && one.status === 'True' && one.reason === (reason ?? one.reason),
    )
  if (conditions.some(({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded'))
    return 'Failed'
  const wanted = spec.replicas ?? 1
  const waits =
    wanted > replicas ||
    wanted > updatedReplicas ||
    replicas > wanted ||
    updatedReplicas > availableReplicas ||
    wanted > readyReplicas
  // Without a deadline the Deployment controller never says that it progresses.
  const isComplete =
    spec['progressDeadlineSeconds'] === undefined || has('Progressing', 'NewReplicaSetAvailable')
  return !waits && isComplete && has('Available') ? 'Current' : 'InProgress'
}

/** serviceConditions for a Service that waits for no load balancer. */
const service = (): KStatus => 'Current'

const ofKind: Readonly<Record<string, (object: KubernetesObject) => KStatus>> = {
  Deployment: deployment,
  Service: service,
}

/** checkReadyCondition; an object without one is Current. */
const readyCondition = (object: Reported): KStatus => {
  const ready = conditionsOf(object).find(
    ({ type, status = '' }) => type === 'Ready' && ['True', 'False', 'Unknown'].includes(status),
  )
  return ready === undefined || ready.status === 'True' ? 'Current' : 'InProgress'
}
