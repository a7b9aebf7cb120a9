import type { KafkaTopic, Key } from '../api/kubernetes.ts'

/** Names that Strimzi's Topic Operator gave to the world, and that its users know. */
export const CLUSTER_LABEL = 'strimzi.io/cluster'
export const FINALIZER = 'strimzi.io/topic-operator'
const MANAGED = 'strimzi.io/managed'
const PAUSED = 'strimzi.io/pause-reconciliation'
/** Its user's consent that the object takes over a Kafka topic that it did not make. Ours: Strimzi takes over any. */
export const ADOPT = 'clickstream.dev/adopt'

/** The Kafka topic that the spec asks for. */
export const topicName = (topic: KafkaTopic): string => topic.spec?.topicName ?? topic.metadata.name

/**
 * Whether the object has a Kafka topic of its own. The claim is written before the topic is made: a controller that dies
 * in between finds a topic that is its own. Only what is claimed is changed or deleted.
 */
export const isClaimed = (topic: KafkaTopic): boolean => topic.status?.topicName !== undefined

export const isConsented = (topic: KafkaTopic): boolean => topic.metadata.annotations?.[ADOPT] === 'true'

/** The Kafka topic that the object manages: the one that it claimed, or else the one that it asks for. */
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
 * Whether `rival` manages the Kafka topic that `topic` asks for, so that `topic` must not: of all that want one topic
 * the one that has claimed it holds it, and else the oldest. Of several claims the one counts that is of the topic in Kafka,
 * whose id is `topicId` where that is known: another is of a topic that is gone, or is in another Kafka.
 */
export function isHeldBy(rival: KafkaTopic, topic: KafkaTopic, topicId?: string): boolean {
  return heldName(rival) === heldName(topic) && precedence(rival, topic, topicId) < 0
}

/** Whether both have claimed a Kafka topic of one name, but not the same one. */
export function contradict({ status: a }: KafkaTopic, { status: b }: KafkaTopic): boolean {
  return a?.topicName !== undefined && a.topicName === b?.topicName && a.topicId !== b.topicId
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
function precedence(a: KafkaTopic, b: KafkaTopic, topicId: string | undefined): number {
  const isOfId = ({ status }: KafkaTopic) => topicId !== undefined && status?.topicId === topicId
  return (
    Number(isOfId(b)) - Number(isOfId(a)) ||
    Number(isClaimed(b)) - Number(isClaimed(a)) ||
    compare(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') ||
    compare(a.metadata.namespace, b.metadata.namespace) ||
    compare(a.metadata.name, b.metadata.name)
  )
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
