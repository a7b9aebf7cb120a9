import type { KafkaTopic } from '../api/kubernetes.ts'
import type { Reason } from '../api/status.ts'
import { clusterLabel } from '../desired/names.ts'
import type { TopicRole } from '../desired/topics.ts'
import { differs } from './difference.ts'
import { quoted } from './fact.ts'
import { nameInKafka } from './observed.ts'

/** Whether something is as it shall be, and if not, why, in a sentence that names the object to look at. */
export type Readiness = { ready: true } | { ready: false; reason: Reason; message: string }

const ready: Readiness = { ready: true }
const unready = (reason: Reason, message: string): Readiness => ({ ready: false, reason, message })

/**
 * Whether Kafka has the topic of a role as this generation of the pipeline wants it. A refusal has the Topic
 * Operator's reason and words as they are, and the field that may cure it where that is known.
 */
export const topicReadiness = (
  { role, wanted }: { role: TopicRole; wanted: KafkaTopic },
  topic: KafkaTopic | undefined,
): Readiness => {
  const { name } = wanted.metadata
  if (topic === undefined) return unready('TopicsNotReady', `KafkaTopic ${name} does not exist yet`)
  if (topic.metadata.deletionTimestamp !== undefined) {
    return unready('TopicsNotReady', `KafkaTopic ${name} is being deleted`)
  }
  const [here, there] = [labelOf(wanted), labelOf(topic)]
  if (here !== there) {
    // A label is no part of the generation: what the status says, it says of the other Kafka.
    return unready('TopicsNotReady', `KafkaTopic ${name} has the label ${clusterLabel}=${there}, not ${here}`)
  }
  const inKafka = nameInKafka(topic)
  if (inKafka !== name) {
    return unready('TopicsNotReady', `KafkaTopic ${name} is of the topic ${inKafka} in Kafka`)
  }
  const condition = topic.status?.conditions?.find(({ type }) => type === 'Ready')
  const current = topic.status?.observedGeneration === topic.metadata.generation
  if (saysReady(topic)) {
    return differs(wanted, topic)
      ? unready('TopicsNotReady', `KafkaTopic ${name} is still to be changed`)
      : ready
  }
  if (current && condition?.status === 'False') {
    // Strimzi's word for a topic in Kafka that an older KafkaTopic, of another namespace or name, manages.
    const reason = condition.reason === 'ResourceConflict' ? 'Conflict' : 'TopicRefused'
    const words = quoted([condition.reason, condition.message].filter(Boolean).join(': '))
    const sentence = words.endsWith('.') ? words : `${words}.`
    const message = `topic ${name} is not ready: ${sentence} ${cures[reason](role, { name, words })}`
    return unready(reason, message)
  }
  const annotation = keepsAway.find(({ key, value }) => topic.metadata.annotations?.[key] === value)
  if (annotation !== undefined) return unready('TopicRefused', leftAlone(topic, annotation))
  return unready(
    'TopicsNotReady',
    `KafkaTopic ${name} waits for the Topic Operator; if this stays, see whether one runs for cluster ` +
      `${here} and watches namespace ${topic.metadata.namespace}`,
  )
}

/** Whether the Topic Operator says that Kafka has a topic as the newest generation of its KafkaTopic wants it. */
export const saysReady = ({ metadata, status }: KafkaTopic): boolean =>
  metadata.deletionTimestamp === undefined &&
  status?.observedGeneration === metadata.generation &&
  status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true

/** Annotations by which somebody tells the Topic Operator to leave a topic as it is. It says neither Ready nor why not, then. */
const keepsAway = [
  { key: 'strimzi.io/managed', value: 'false', not: 'managed' },
  { key: 'strimzi.io/pause-reconciliation', value: 'true', not: 'reconciled' },
] as const

const leftAlone = (
  { metadata: { name, namespace } }: KafkaTopic,
  { key, value, not }: (typeof keepsAway)[number],
): string =>
  `KafkaTopic ${name} is not ${not}, as its annotation ${key}=${value} says: remove it by kubectl annotate kafkatopic ` +
  `${name} -n ${namespace} ${key}-`

const labelOf = ({ metadata }: KafkaTopic): string => metadata.labels?.[clusterLabel] ?? ''

/** Words of Kafka and of the Topic Operator about the number of replicas, but for brokers that are away for a while. */
const isOfReplicas = (words: string): boolean =>
  /replication[ _-]?factor/i.test(words) && !/fenced|shutdown/i.test(words)

/** What to do about a refusal: a field only where the words are about it. Panes and dead letters are shaped like the events. */
const cures = {
  Conflict: () => 'Give this pipeline another name.',
  TopicRefused(role: TopicRole, { name, words }: { name: string; words: string }) {
    const more = `kubectl describe kafkatopic ${name} says more.`
    if (!isOfReplicas(words)) return more
    return `Set spec.topics.${role === 'metrics' ? 'metrics' : 'events'}.replicas; ${more}`
  },
}
