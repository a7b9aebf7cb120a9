import type { Logger } from 'pino'
import type { KafkaTopic, Key } from '../api/kubernetes.ts'
import { type Cluster, ClusterFault, type Outcome, type Reconcile } from '../reconcile/cluster.ts'
import type { BrokerTopic, TopicBroker } from './broker.ts'
import { FINALIZER, hasFinalizer } from './claim.ts'
import { decide } from './decision.ts'
import { plan, type Step } from './plan.ts'
import { type Refusal, topicStatus, type Verdict } from './status.ts'

export interface TopicContext {
  cluster: Cluster
  broker: TopicBroker
  /** Serves the KafkaTopics whose label strimzi.io/cluster has this value. */
  kafkaCluster: string
  /** Milliseconds since the epoch. */
  now: () => number
  logger: Logger
}

/** Milliseconds within which a topic that was changed or deleted in Kafka by hand is as its KafkaTopic says again. */
const CHECK_EVERY = 120_000

/** Milliseconds until the brokers are asked again what they refused or did not answer: Kafka may be back. */
const ASK_AGAIN_AFTER = 5_000

const DONE: Outcome = { kind: 'done' }
const CHECK: Outcome = { kind: 'wait', after: CHECK_EVERY }
const AGAIN: Outcome = { kind: 'wait', after: ASK_AGAIN_AFTER }

/** Brings Kafka to what a KafkaTopic says, never the other way round, and tells the outcome in its status. */
export function topicReconciler(context: TopicContext): Reconcile {
  return async (key) => {
    const topic = context.cluster.get('KafkaTopic', key)
    if (!topic) return DONE
    try {
      return await pass(context, topic)
    } catch (error) {
      if (error instanceof ClusterFault) throw error
      await report(context, topic, refused([refusal('InternalError', error)], { ...topic.status }))
      throw error
    }
  }
}

async function pass(context: TopicContext, topic: KafkaTopic): Promise<Outcome> {
  const { cluster, kafkaCluster } = context
  const decision = decide(topic, { kafkaCluster, others: cluster.list('KafkaTopic') })
  if (decision.kind === 'manage') return manage(context, topic, decision.name)
  if (decision.kind === 'delete') return remove(context, topic, decision.name)
  if (decision.kind === 'forget') return release(context, topic)
  if (decision.kind === 'leave') return DONE
  await report(context, topic, decision.verdict)
  return CHECK
}

async function remove(context: TopicContext, topic: KafkaTopic, name: string): Promise<Outcome> {
  const answer = await asked(() => context.broker.delete(name))
  if (answer.refusal) {
    await report(context, topic, refused([answer.refusal], { ...topic.status }))
    return AGAIN
  }
  context.logger.info({ topic: name, object: keyOf(topic) }, 'topic deleted')
  return release(context, topic)
}

async function release({ cluster }: TopicContext, topic: KafkaTopic): Promise<Outcome> {
  const { uid = '' } = topic.metadata
  await cluster.removeFinalizer('KafkaTopic', keyOf(topic), { uid, name: FINALIZER })
  return DONE
}

async function manage(context: TopicContext, topic: KafkaTopic, name: string): Promise<Outcome> {
  await hold(context, topic)
  const before = await asked(() => context.broker.describe(name))
  if (before.refusal) {
    await report(context, topic, refused([before.refusal], { ...topic.status }))
    return AGAIN
  }
  const { steps, refusals } = plan(topic, before.value)
  const failures = await act(context, name, steps)
  const created = failures.length === 0 && steps.some(({ kind }) => kind === 'create')
  const after = created ? await asked(() => context.broker.describe(name)) : before
  if (created && !after.value) return AGAIN
  await report(context, topic, verdict([...refusals, ...failures], name, after.value))
  return failures.length > 0 ? AGAIN : CHECK
}

/** Puts the finalizer on first, so that no topic of ours outlives an object that is deleted meanwhile. */
async function hold({ cluster }: TopicContext, topic: KafkaTopic): Promise<void> {
  if (hasFinalizer(topic)) return
  const { apiVersion, kind } = topic
  const { name, namespace, uid = '' } = topic.metadata
  await cluster.apply({ apiVersion, kind, metadata: { name, namespace, uid, finalizers: [FINALIZER] } })
}

/** Tries every step and collects what failed. */
async function act(context: TopicContext, name: string, steps: readonly Step[]): Promise<Refusal[]> {
  const failures: Refusal[] = []
  for (const step of steps) {
    const answer = await asked(() => perform(context.broker, name, step))
    if (answer.refusal) failures.push(answer.refusal)
    else context.logger.info({ topic: name, step }, 'topic changed')
  }
  return failures
}

function perform(broker: TopicBroker, name: string, step: Step): Promise<void> {
  if (step.kind === 'configure') return broker.configure(name, step.changes)
  if (step.kind === 'grow') return broker.grow(name, step.partitions)
  const { partitions, replicas, config } = step
  return broker.create({ name, partitions, replicas, config })
}

const verdict = (
  refusals: readonly Refusal[],
  topicName: string,
  found: BrokerTopic | undefined,
): Verdict => {
  const identity = found ? { topicName, topicId: found.topicId } : {}
  return refusals.length > 0 ? refused(refusals, identity) : { kind: 'Ready', ...identity }
}

const refused = (
  refusals: readonly Refusal[],
  { topicName, topicId }: Pick<Verdict, 'topicName' | 'topicId'>,
): Verdict => ({
  kind: 'Refused',
  reason: refusals[0]?.reason ?? 'InternalError',
  message: refusals.map(({ message }) => message).join('; '),
  topicName,
  topicId,
})

async function report(context: TopicContext, topic: KafkaTopic, verdict: Verdict): Promise<void> {
  const status = topicStatus(topic, verdict, new Date(context.now()).toISOString())
  if (!status) return
  const { apiVersion, kind } = topic
  const { name, namespace, uid = '' } = topic.metadata
  await context.cluster.applyStatus({ apiVersion, kind, metadata: { name, namespace, uid }, status })
  if (verdict.kind !== 'Refused') return
  const { reason, message } = verdict
  context.logger.warn({ object: keyOf(topic), reason, message }, 'topic is not ready')
}

type Answer<T> = { value: T; refusal?: undefined } | { value?: undefined; refusal: Refusal }

/** What the brokers answered; a failure is a result like any other, so that it holds up no other step. */
async function asked<T>(question: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { value: await question() }
  } catch (error) {
    return { refusal: refusal('KafkaError', error) }
  }
}

const refusal = (reason: Refusal['reason'], error: unknown): Refusal => ({
  reason,
  message: error instanceof Error ? error.message : String(error),
})

const keyOf = ({ metadata: { namespace, name } }: KafkaTopic): Key => ({ namespace, name })
