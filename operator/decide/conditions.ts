import type { Condition } from '../api/kubernetes.ts'
import { conditionTypes, type ConditionType, type Reason, reasons } from '../api/status.ts'
import type { TopicRole } from '../desired/topics.ts'
import { roles } from '../../runtime/settings.ts'
import type { Children } from '../desired/children.ts'
import { type Fact, fact } from './fact.ts'
import type { Observed } from './observed.ts'
import type { Block } from './plan.ts'
import { availability, type Pods } from './pods.ts'
import { topicReadiness } from './readiness.ts'

/** What the conditions say now. */
export type Facts = Record<ConditionType, Fact>

/** Users know the topics of their spec; what is wrong with events is mostly wrong with panes and dead letters too. */
const mostTelling: readonly TopicRole[] = ['events', 'metrics', 'panes', 'dlq']

/** Why a Topic Operator refuses a topic until somebody acts. */
const refusals: readonly Reason[] = ['TopicRefused', 'Conflict']

/** What other rooms say of the pipeline. */
export interface Told {
  pods: Pods
  suspended: Fact
  flowing: Fact
  expiring: Fact
}

/**
 * What to say of a pipeline with a valid spec. `blocks` are what the plan could not get past; `pods` is what
 * pods.ts says, `flowing` what flow.ts says of the data, `expiring` what expiry.ts says.
 */
export const facts = (
  desired: Children,
  observed: Observed,
  { blocks, pods, suspended, flowing, expiring }: Told & { blocks: Block[] },
): Facts => {
  const kindMissing = blocks.find(({ reason }) => reason === 'TopicKindMissing')
  const ofTopics = blocks.filter(({ podsOnly }) => podsOnly !== true)
  const blockedBy = kindMissing ?? ofTopics.find(({ stalled }) => stalled)
  const TopicsReady = topicsFact(desired, observed, blockedBy)
  const refused = refusals.includes(TopicsReady.reason) ? TopicsReady : undefined
  const halted = flowing.reason === 'Halted' ? flowing : undefined
  const blocked = blockedBy ?? refused
  const stalledBy = blocked ?? blocks.find(({ stalled }) => stalled) ?? halted ?? pods.stalled
  const base = {
    TopicsReady,
    ProducerAvailable: pods.facts.producer,
    ProcessorAvailable: pods.facts.processor,
    ConsumerAvailable: pods.facts.consumer,
    Flowing: flowing,
    Stalled:
      stalledBy === undefined
        ? fact('False', 'NotStalled')
        : fact('True', stalledBy.reason, stalledBy.message),
    Suspended: suspended,
    DataExpiring: expiring,
  }
  const waiting = ({ stalled }: Block) => !stalled
  const topics = TopicsReady.status === 'True' ? undefined : (ofTopics.find(waiting) ?? TopicsReady)
  const Ready = ready(base, blocked ?? topics ?? stalledBy ?? blocks.find(waiting))
  const settled = Ready.status === 'True' || base.Suspended.status === 'True' || stalledBy !== undefined
  const Reconciling = settled ? fact('False', 'Settled') : fact('True', 'Progressing', Ready.message)
  return { Ready, ...base, Reconciling }
}

/** What to say of a pipeline whose spec breaks a rule: what runs was not touched and is not judged. */
export const invalidFacts = (faults: readonly string[]): Facts => {
  const message = faults.join('; ')
  const unknown = fact('Unknown', 'InvalidSpec')
  return {
    Ready: fact('False', 'InvalidSpec', message),
    TopicsReady: unknown,
    ProducerAvailable: unknown,
    ProcessorAvailable: unknown,
    ConsumerAvailable: unknown,
    Flowing: unknown,
    Reconciling: fact('False', 'Settled'),
    Stalled: fact('True', 'InvalidSpec', message),
    Suspended: unknown,
    DataExpiring: unknown,
  }
}

/**
 * Ready is derived by a walk along what depends on what: the kind KafkaTopic, the topics, the pods, the data. The first
 * that is not well is the root cause and gives reason and message. Data that do not flow leave it True, and are told.
 * A halt of the processors comes after the topics, which may be what halts them, and before the pods that it keeps down.
 * `cause` is what the walk has met before it comes to a suspension and to pods on their way.
 */
const ready = (
  base: Omit<Facts, 'Ready' | 'Reconciling'>,
  cause: Pick<Fact, 'reason' | 'message'> | undefined,
): Fact => {
  if (cause !== undefined) return fact('False', cause.reason, cause.message)
  const { Suspended } = base
  if (Suspended.status === 'True') return fact('False', 'Suspended', Suspended.message)
  if (Suspended.reason !== 'NotSuspended') return Suspended
  const failing = roles.map((role) => base[availability[role]]).find(({ status }) => status !== 'True')
  if (failing !== undefined) return { ...failing, status: 'False' }
  const { status, message } = base.Flowing
  return fact('True', 'Ready', status === 'False' ? `${reasons.Ready} But: ${message}` : undefined)
}

const topicsFact = (desired: Children, observed: Observed, stalledBy: Block | undefined): Fact => {
  if (stalledBy?.reason === 'TopicKindMissing') return fact('False', 'TopicKindMissing')
  const faults = mostTelling
    .map((role) => topicReadiness({ role, wanted: desired.topics[role] }, observed.topics[role]))
    .filter((readiness) => !readiness.ready)
  const worst = faults.find(({ reason }) => refusals.includes(reason)) ?? faults[0]
  return worst === undefined ? fact('True', 'TopicsReady') : fact('False', worst.reason, worst.message)
}

/** The conditions to write: `lastTransitionTime` moves only where `status` flips. `now` is ISO 8601. */
export const conditions = (
  facts: Facts,
  { previous, generation, now }: { previous: readonly Condition[]; generation: number; now: string },
): Condition[] =>
  conditionTypes.map((type) => {
    const { status, reason, message } = facts[type]
    const before = previous.find((condition) => condition.type === type)
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now
    return {
      type,
      status,
      reason,
      message,
      lastTransitionTime,
      observedGeneration: generation,
    }
  })
