import type { Deployment, KafkaTopic } from '../api/kubernetes.ts'
import type { Reason } from '../api/status.ts'
import type { TopicRole } from '../desired/topics.ts'

/** Whether something is as it shall be, and if not, why, in a sentence that names the object to look at. */
export type Readiness = { ready: true } | { ready: false; reason: Reason; message: string }

const ready: Readiness = { ready: true }
const unready = (reason: Reason, message: string): Readiness => ({ ready: false, reason, message })

/**
 * Whether Kafka has the topic of a role as this generation of its KafkaTopic wants it. A refusal has the Topic
 * Operator's reason and words as they are, and the field that may cure it.
 */
export const topicReadiness = (
  { role, name }: { role: TopicRole; name: string },
  topic: KafkaTopic | undefined,
): Readiness => {
  if (topic === undefined) return unready('TopicsNotReady', `KafkaTopic ${name} does not exist yet`)
  if (topic.metadata.deletionTimestamp !== undefined) {
    return unready('TopicsNotReady', `KafkaTopic ${name} is being deleted`)
  }
  const condition = topic.status?.conditions?.find(({ type }) => type === 'Ready')
  const current = topic.status?.observedGeneration === topic.metadata.generation
  if (current && condition?.status === 'True') return ready
  if (current && condition?.status === 'False') {
    // Strimzi's word for a topic in Kafka that an older KafkaTopic, of another namespace or name, manages.
    const reason = condition.reason === 'ResourceConflict' ? 'Conflict' : 'TopicRefused'
    const words = [condition.reason, condition.message].filter(Boolean).join(': ')
    const sentence = words.endsWith('.') ? words : `${words}.`
    const message = `topic ${name} is not ready: ${sentence} ${cures[reason](role, topic)}`
    return unready(reason, message)
  }
  return unready(
    'TopicsNotReady',
    `KafkaTopic ${name} waits for the Topic Operator; if this stays, see whether one runs for cluster ` +
      `${topic.metadata.labels?.['strimzi.io/cluster']} and watches namespace ${topic.metadata.namespace}`,
  )
}

/** What to do about a refusal. Panes and dead letters are shaped like the events. */
const cures = {
  Conflict: () => 'Give this pipeline another name.',
  TopicRefused(role: TopicRole, { metadata, spec }: KafkaTopic) {
    const field = `spec.topics.${role === 'metrics' ? 'metrics' : 'events'}`
    const first = spec?.replicas === undefined ? `See ${field}` : `Set ${field}.replicas`
    return `${first}; kubectl describe kafkatopic ${metadata.name} says more.`
  },
}

/** Whether all pods of this generation of the Deployment are available: never sooner than kstatus calls it Current. */
export const deploymentReadiness = (name: string, deployment: Deployment | undefined): Readiness => {
  if (deployment === undefined) return unready('RollingOut', `Deployment ${name} does not exist yet`)
  if (deployment.metadata.deletionTimestamp !== undefined) {
    return unready('RollingOut', `Deployment ${name} is being deleted`)
  }
  const { spec, status = {}, metadata } = deployment
  const wanted = spec.replicas ?? 1
  const of = (type: string) => status.conditions?.find((condition) => condition.type === type)
  const failure = of('ReplicaFailure')
  if (failure?.status === 'True') return unready('Unavailable', `Deployment ${name}: ${failure.message}`)
  const settled = status.observedGeneration === metadata.generation && (status.updatedReplicas ?? 0) >= wanted
  const available = status.availableReplicas ?? 0
  const progress = of('Progressing')
  const complete = progress?.status === 'True' && progress.reason === 'NewReplicaSetAvailable'
  const standing = complete && of('Available')?.status === 'True'
  if (settled && standing && isExactly(wanted, status)) return ready
  if (settled && progress?.status === 'False') {
    return unready(
      'Unavailable',
      `Deployment ${name}: ${progress.message} See kubectl describe deployment ${name}`,
    )
  }
  const running = `Deployment ${name}: ${available} of ${wanted} pods are available`
  if (settled && complete && available < wanted) {
    return unready('Unavailable', `${running}; kubectl logs deployment/${name} says what they wait for`)
  }
  if (available > wanted)
    return unready('RollingOut', `Deployment ${name}: ${available} pods run, ${wanted} shall`)
  if (available === wanted) return unready('RollingOut', `Deployment ${name}: old pods are being replaced`)
  return unready('RollingOut', running)
}

/** Whether there are as many pods as shall be, all of them new, ready and available. */
const isExactly = (wanted: number, status: NonNullable<Deployment['status']>): boolean =>
  [status.replicas, status.updatedReplicas, status.readyReplicas, status.availableReplicas].every(
    (count = 0) => count === wanted,
  )
