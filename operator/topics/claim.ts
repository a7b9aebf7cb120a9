import type { KafkaTopic, Key } from '../api/kubernetes.ts'

/** Names that Strimzi's Topic Operator gave to the world, and that its users know. */
export const CLUSTER_LABEL = 'strimzi.io/cluster'
export const FINALIZER = 'strimzi.io/topic-operator'
const MANAGED = 'strimzi.io/managed'
const PAUSED = 'strimzi.io/pause-reconciliation'

/** The Kafka topic that the spec asks for. */
export const topicName = (topic: KafkaTopic): string => topic.spec?.topicName ?? topic.metadata.name

/** The Kafka topic that the object manages: the one it was first Ready with, or else the one that it asks for. */
export const heldName = (topic: KafkaTopic): string => topic.status?.topicName ?? topicName(topic)

export const isServed = (topic: KafkaTopic, kafkaCluster: string): boolean =>
  topic.metadata.labels?.[CLUSTER_LABEL] === kafkaCluster

/** Released by its user: the Kafka topic is no longer ours to create, change or delete. */
export const isReleased = (topic: KafkaTopic): boolean => topic.metadata.annotations?.[MANAGED] === 'false'

export const isPaused = (topic: KafkaTopic): boolean => topic.metadata.annotations?.[PAUSED] === 'true'

export const isDeleting = (topic: KafkaTopic): boolean => topic.metadata.deletionTimestamp !== undefined

export const hasFinalizer = (topic: KafkaTopic): boolean =>
  topic.metadata.finalizers?.includes(FINALIZER) ?? false

/** Kafka's own topics, `__consumer_offsets` and its like. */
export const isInternal = (name: string): boolean => name.startsWith('__')

/**
 * Whether `rival` manages the Kafka topic that `topic` asks for, so that `topic` must not: of all that claim one topic
 * the oldest holds it. Within the second that timestamps resolve, one that was Ready with the topic already keeps it.
 */
export function isHeldBy(rival: KafkaTopic, topic: KafkaTopic): boolean {
  return heldName(rival) === heldName(topic) && precedence(rival, topic) < 0
}

/** The objects whose turn a change of `topic` may have brought: itself, and all that claim the same Kafka topic. */
export function touched(topic: KafkaTopic, all: readonly KafkaTopic[]): Key[] {
  const name = heldName(topic)
  const rivals = all.filter((other) => heldName(other) === name && !isSameObject(other, topic))
  return [topic, ...rivals].map(({ metadata: { namespace, name } }) => ({ namespace, name }))
}

const isSameObject = ({ metadata: a }: KafkaTopic, { metadata: b }: KafkaTopic): boolean =>
  a.namespace === b.namespace && a.name === b.name

/** Negative when `a` goes before `b`; a total order. */
function precedence(a: KafkaTopic, b: KafkaTopic): number {
  return (
    compare(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') ||
    Number(b.status?.topicName !== undefined) - Number(a.status?.topicName !== undefined) ||
    compare(a.metadata.namespace, b.metadata.namespace) ||
    compare(a.metadata.name, b.metadata.name)
  )
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
