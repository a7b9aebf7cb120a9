import type { KafkaTopic } from '../api/kubernetes.ts'
import {
  contradict,
  hasFinalizer,
  heldName,
  isClaimed,
  isDeleting,
  isHeldBy,
  isInternal,
  isPaused,
  isReleased,
  isServed,
  topicName,
} from './claim.ts'
import { notSupported, type Verdict } from './status.ts'

/** What is to be done about a KafkaTopic, before the brokers are asked. */
export type Decision =
  /** Not ours, or all done: neither Kafka nor the object is touched. */
  | { kind: 'leave' }
  /** The object goes; its Kafka topic, if any, is another's and stays. */
  | { kind: 'forget' }
  | { kind: 'delete'; name: string }
  /** Kafka is not touched; the status says why. */
  | { kind: 'report'; verdict: Verdict }
  | { kind: 'manage'; name: string }

interface Surroundings {
  kafkaCluster: string
  /** May hold any objects, this one too. */
  others: readonly KafkaTopic[]
}

/** Whether another object has claimed the same topic by another id, so that Kafka's own says which of the two holds it. */
export const isContested = (topic: KafkaTopic, { kafkaCluster, others }: Surroundings): boolean =>
  rivals(topic, kafkaCluster) &&
  others.some((other) => rivals(other, kafkaCluster) && contradict(other, topic))

/** Decides by an ordered list of checks. `topicId` is Kafka's id of the topic, where it was asked for. */
export function decide(
  topic: KafkaTopic,
  { kafkaCluster, others, topicId }: Surroundings & { topicId?: string | undefined },
): Decision {
  if (!isServed(topic, kafkaCluster)) return { kind: 'leave' }
  const name = heldName(topic)
  const holder = others.find((other) => rivals(other, kafkaCluster) && isHeldBy(other, topic, topicId))
  if (isDeleting(topic)) {
    if (!hasFinalizer(topic)) return { kind: 'leave' }
    const ours = isClaimed(topic) && !isReleased(topic) && holder === undefined && !isInternal(name)
    return ours ? { kind: 'delete', name } : { kind: 'forget' }
  }
  const verdict = withoutKafka(topic, holder)
  return verdict ? { kind: 'report', verdict } : { kind: 'manage', name }
}

const rivals = (other: KafkaTopic, kafkaCluster: string): boolean =>
  isServed(other, kafkaCluster) && !isReleased(other) && !isFinished(other)

/** Deleted, and kept only by finalizers of others. */
const isFinished = (topic: KafkaTopic): boolean => isDeleting(topic) && !hasFinalizer(topic)

function withoutKafka(topic: KafkaTopic, holder: KafkaTopic | undefined): Verdict | undefined {
  const { topicName: held, topicId } = topic.status ?? {}
  const name = topicName(topic)
  if (isReleased(topic)) return { kind: 'Unmanaged', topicName: held, topicId }
  if (held !== undefined && held !== name)
    return {
      ...notSupported(`Changing spec.topicName is not supported: this object manages the topic ${held}`),
      topicName: held,
      topicId,
    }
  if (isInternal(name))
    return notSupported(`Managing ${name} is not supported: topics whose names begin with __ are Kafka's own`)
  if (holder)
    return { kind: 'Refused', reason: 'ResourceConflict', message: `Managed by ${reference(holder)}` }
  return isPaused(topic) ? { kind: 'ReconciliationPaused', topicName: held, topicId } : undefined
}

const reference = ({ metadata: { namespace, name } }: KafkaTopic): string =>
  `Ref{namespace='${namespace}', name='${name}'}`
