import type { Logger } from 'pino'
import type { KafkaTopic, Key } from '../api/kubernetes.ts'
import { type Cluster, ClusterFault, type Outcome, type Reconcile } from '../reconcile/cluster.ts'
import type { BrokerTopic, NewTopic, TopicBroker } from './broker.ts'
import { ADOPT, FINALIZER, hasFinalizer, heldName, isClaimed, isConsented } from './claim.ts'
import { decide, isContested } from './decision.ts'
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
  const { cluster, broker, kafkaCluster } = context
  const around = { kafkaCluster, others: cluster.list('KafkaTopic') }
  const inKafka = await asked(() =>
    isContested(topic, around) ? broker.describe(heldName(topic)) : undefined,
  )
  if (inKafka.refusal) {
    await report(context, topic, refused([inKafka.refusal], { ...topic.status }))
    return AGAIN
  }
  const decision = decide(topic, { ...around, topicId: inKafka.value?.topicId })
  if (decision.kind === 'manage') return manage(context, topic, decision.name)
  if (decision.kind === 'delete') return remove(context, topic, decision.name)
  if (decision.kind === 'forget') return release(context, topic)
  if (decision.kind === 'leave') return DONE
  await report(context, topic, decision.verdict)
  return CHECK
}

async function remove(context: TopicContext, topic: KafkaTopic, name: string): Promise<Outcome> {
  const answer = await asked(async () => {
    const found = await context.broker.describe(name)
    if (!isOurs(topic, found)) return
    await context.broker.delete(name)
    context.logger.info({ topic: name, object: keyOf(topic) }, 'topic deleted')
  })
  if (answer.refusal) {
    await report(context, topic, refused([answer.refusal], { ...topic.status }))
    return AGAIN
  }
  return release(context, topic)
}

async function release({ cluster }: TopicContext, topic: KafkaTopic): Promise<Outcome> {
  const { uid = '' } = topic.metadata
  await cluster.removeFinalizer('KafkaTopic', keyOf(topic), { uid, name: FINALIZER })
  return DONE
}

async function manage(context: TopicContext, topic: KafkaTopic, name: string): Promise<Outcome> {
  const before = await asked(() => context.broker.describe(name))
  if (before.refusal) {
    await report(context, topic, refused([before.refusal], { ...topic.status }))
    return AGAIN
  }
  const found = before.value
  const { steps, refusals } = plan(topic, found)
  const obstacles = isOurs(topic, found) ? [] : await claimable(context, topic, { name, found, steps })
  if (obstacles.length > 0 || (found === undefined && steps.length === 0)) {
    await report(context, topic, refused([...refusals, ...obstacles], {}))
    return obstacles.length > 0 ? AGAIN : CHECK
  }
  const held = await hold(context, await claim(context, topic, name))
  const failures = await act(context, name, steps)
  const isMade = failures.length === 0 && found === undefined
  const after = isMade ? await asked(() => context.broker.describe(name)) : before
  if (isMade && !after.value) return AGAIN
  const isTaken = !isClaimed(topic) && failures.some(({ reason }) => reason === 'ResourceConflict')
  const topicId = after.value?.topicId ?? topic.status?.topicId
  const identity = isTaken ? {} : { topicName: name, topicId }
  await report(context, held, verdict([...refusals, ...failures], identity))
  return failures.length > 0 ? AGAIN : CHECK
}

/**
 * Whether the Kafka topic is the one that the object claimed. A claim that no answer of the brokers has confirmed may be
 * of a controller that died before it made the topic; with another id the topic was made anew, or the object moved to
 * another Kafka, where others have topics of its name. What is there now is its own if it is exactly as asked for.
 */
function isOurs(topic: KafkaTopic, found: BrokerTopic | undefined): boolean {
  if (!isClaimed(topic)) return false
  if (found?.topicId === undefined || found.topicId === topic.status?.topicId) return true
  const { steps, refusals } = plan(topic, found)
  return steps.length === 0 && refusals.length === 0
}

interface Wanted {
  name: string
  found: BrokerTopic | undefined
  steps: readonly Step[]
}

/** Why the Kafka topic cannot become this object's: somebody else made it, or the brokers will refuse to. */
async function claimable(
  { broker }: TopicContext,
  topic: KafkaTopic,
  { name, found, steps }: Wanted,
): Promise<Refusal[]> {
  if (found) return isConsented(topic) ? [] : [taken(name)]
  for (const step of steps) {
    const { refusal } = await asked(() =>
      step.kind === 'create' ? broker.validate(topicOf(name, step)) : undefined,
    )
    if (refusal) return [refusal]
  }
  return []
}

const taken = (name: string): Refusal => ({
  reason: 'ResourceConflict',
  message:
    `Kafka has a topic ${name} that was not made for this KafkaTopic, so it is left alone: to take it over with its ` +
    `data annotate the KafkaTopic with ${ADOPT}=true`,
})

/** Writes down that the Kafka topic is this object's, before it is made. Nothing else in the status changes. */
async function claim({ cluster }: TopicContext, topic: KafkaTopic, topicName: string): Promise<KafkaTopic> {
  if (isClaimed(topic)) return topic
  const { observedGeneration = 0, conditions = [] } = topic.status ?? {}
  return cluster.applyStatus({ ...asSeen(topic), status: { observedGeneration, conditions, topicName } })
}

/** Puts the finalizer on before anything is made, so that no topic of ours outlives an object that is deleted meanwhile. */
async function hold({ cluster }: TopicContext, topic: KafkaTopic): Promise<KafkaTopic> {
  if (hasFinalizer(topic)) return topic
  const { apiVersion, kind, metadata } = asSeen(topic)
  const { resourceVersion: _, ...identity } = metadata
  return cluster.apply({ apiVersion, kind, metadata: { ...identity, finalizers: [FINALIZER] } })
}

/** The object as it was read: a write of its status from an older reading would lose a claim. */
const asSeen = ({ apiVersion, kind, metadata }: KafkaTopic) => {
  const { name, namespace, uid = '', resourceVersion } = metadata
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, uid, ...(resourceVersion !== undefined && { resourceVersion }) },
  }
}

/** Tries every step and collects what failed. */
async function act(context: TopicContext, name: string, steps: readonly Step[]): Promise<Refusal[]> {
  const failures: Refusal[] = []
  for (const step of steps) {
    const answer = await asked(() => perform(context.broker, name, step))
    if (answer.refusal) failures.push(answer.refusal)
    else if (answer.value === false) failures.push(taken(name))
    else context.logger.info({ topic: name, step }, 'topic changed')
  }
  return failures
}

/** False when the topic was to be made and is there. */
function perform(broker: TopicBroker, name: string, step: Step): Promise<boolean | void> {
  if (step.kind === 'configure') return broker.configure(name, step.changes)
  if (step.kind === 'grow') return broker.grow(name, step.partitions)
  return broker.create(topicOf(name, step))
}

const topicOf = (
  name: string,
  { partitions, replicas, config }: Extract<Step, { kind: 'create' }>,
): NewTopic => ({
  name,
  partitions,
  replicas,
  config,
})

type Identity = Pick<Verdict, 'topicName' | 'topicId'>

const verdict = (refusals: readonly Refusal[], identity: Identity): Verdict =>
  refusals.length > 0 ? refused(refusals, identity) : { kind: 'Ready', ...identity }

const refused = (refusals: readonly Refusal[], { topicName, topicId }: Identity): Verdict => ({
  kind: 'Refused',
  reason: refusals[0]?.reason ?? 'InternalError',
  message: refusals.map(({ message }) => message).join('; '),
  topicName,
  topicId,
})

async function report(context: TopicContext, topic: KafkaTopic, verdict: Verdict): Promise<void> {
  const status = topicStatus(topic, verdict, new Date(context.now()).toISOString())
  if (!status) return
  await context.cluster.applyStatus({ ...asSeen(topic), status })
  if (verdict.kind !== 'Refused') return
  const { reason, message } = verdict
  context.logger.warn({ object: keyOf(topic), reason, message }, 'topic is not ready')
}

type Answer<T> = { value: T; refusal?: undefined } | { value?: undefined; refusal: Refusal }

/** What the brokers answered; a failure is a result like any other, so that it holds up no other step. */
async function asked<T>(question: () => T | Promise<T>): Promise<Answer<T>> {
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
