import type { KafkaTopic } from '../api/kubernetes.ts'

/** Why a topic is not Ready. Strimzi's reasons, which its users' alerts and scripts know. */
export const reasons = {
  NotSupported: 'Kafka, or this operator, cannot do what the spec asks for; change the spec.',
  ResourceConflict:
    'The Kafka topic is not of this object: another KafkaTopic manages it, or somebody else made it; the message says which.',
  KafkaError: 'The brokers refused, or did not answer; the message has their words. It is tried again.',
  InternalError: 'A defect of the operator; its log has the details. It is tried again.',
} as const
type Reason = keyof typeof reasons

export interface Refusal {
  reason: Reason
  message: string
}

/** What a pass found out about one KafkaTopic. */
export type Verdict = { topicName?: string | undefined; topicId?: string | undefined } & (
  | { kind: 'Ready' | 'Unmanaged' | 'ReconciliationPaused' }
  | ({ kind: 'Refused' } & Refusal)
)

export const notSupported = (message: string): { kind: 'Refused' } & Refusal => ({
  kind: 'Refused',
  reason: 'NotSupported',
  message,
})

type Status = NonNullable<KafkaTopic['status']>
type TopicCondition = NonNullable<Status['conditions']>[number]

/**
 * The status that says `verdict`, or undefined when the object has it already. There is one condition at a time.
 * `observedGeneration` stands still while paused. `now` is ISO 8601; it becomes the transition time only on a flip.
 */
export function topicStatus(topic: KafkaTopic, verdict: Verdict, now: string): Status | undefined {
  const previous = topic.status ?? {}
  const { topicName, topicId } = verdict
  const status: Status = {
    observedGeneration: observedGeneration(topic, verdict),
    ...(topicName !== undefined && { topicName }),
    ...(topicId !== undefined && { topicId }),
    conditions: [transition(previous.conditions, condition(verdict), now)],
  }
  return isSame(previous, status) ? undefined : status
}

function observedGeneration({ metadata, status }: KafkaTopic, verdict: Verdict): number {
  return verdict.kind === 'ReconciliationPaused'
    ? (status?.observedGeneration ?? 0)
    : (metadata.generation ?? 0)
}

function condition(verdict: Verdict): TopicCondition {
  if (verdict.kind !== 'Refused') return { type: verdict.kind, status: 'True' }
  const { reason, message } = verdict
  return { type: 'Ready', status: 'False', reason, message }
}

function transition(
  before: readonly TopicCondition[] = [],
  now: TopicCondition,
  time: string,
): TopicCondition {
  const same = before.find(({ type, status }) => type === now.type && status === now.status)
  return { ...now, lastTransitionTime: same?.lastTransitionTime ?? time }
}

function isSame(a: Status, b: Status): boolean {
  return (
    a.observedGeneration === b.observedGeneration &&
    a.topicName === b.topicName &&
    a.topicId === b.topicId &&
    text(a.conditions) === text(b.conditions)
  )
}

const text = (conditions: readonly TopicCondition[] = []): string =>
  JSON.stringify(
    conditions.map(({ type, status, reason, message, lastTransitionTime }) => [
      type,
      status,
      reason,
      message,
      lastTransitionTime,
    ]),
  )
