import type { Condition, Deployment, KubernetesObject } from '../api/kubernetes.ts'

/** What tools that follow kstatus (kubernetes-sigs/cli-utils, pkg/kstatus/status) make of an object. */
export type KStatus = 'Current' | 'InProgress' | 'Failed' | 'Terminating'

interface Reported extends KubernetesObject {
  status?: { observedGeneration?: unknown; conditions?: unknown }
}

/** Its Compute: the generic rules, then those of the kind, then the condition Ready. */
export const kstatus = (object: KubernetesObject): KStatus =>
  generic(object) ??
  (object.kind === 'Deployment' ? deployment(object as Deployment) : undefined) ??
  readyCondition(object)

const conditionsOf = ({ status }: Reported): Partial<Condition>[] =>
  Array.isArray(status?.conditions) ? (status.conditions as Partial<Condition>[]) : []
const says = (object: Reported, type: string) => conditionsOf(object).find((one) => one.type === type)?.status

/** checkGenericProperties. */
const generic = (object: Reported): KStatus | undefined => {
  const { metadata, status } = object
  if (metadata.deletionTimestamp !== undefined) return 'Terminating'
  const observed = status?.observedGeneration
  if (observed !== undefined && observed !== metadata.generation) return 'InProgress'
  if (says(object, 'Reconciling') === 'True') return 'InProgress'
  if (says(object, 'Stalled') === 'True') return 'Failed'
  return undefined
}

/** deploymentConditions. */
const deployment = (object: Deployment): KStatus => {
  const { spec, status = {} } = object
  const progressing = status.conditions?.find(({ type }) => type === 'Progressing')
  if (progressing?.reason === 'ProgressDeadlineExceeded') return 'Failed'
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status
  const wanted = spec.replicas ?? 1
  const waits =
    wanted > replicas ||
    wanted > updatedReplicas ||
    replicas > wanted ||
    updatedReplicas > availableReplicas ||
    wanted > readyReplicas
  const complete = progressing?.status === 'True' && progressing.reason === 'NewReplicaSetAvailable'
  return !waits && complete && says(object, 'Available') === 'True' ? 'Current' : 'InProgress'
}

/** checkReadyCondition; an object without one is Current. */
const readyCondition = (object: Reported): KStatus => {
  const ready = says(object, 'Ready')
  return ready === undefined || ready === 'True' ? 'Current' : 'InProgress'
}
