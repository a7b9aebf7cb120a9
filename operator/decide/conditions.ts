import type { Condition } from '../api/kubernetes.ts'
import { conditionTypes, type ConditionType, type Reason, reasons } from '../api/status.ts'
import type { TopicRole } from '../desired/topics.ts'
import { roles, type Role } from '../../runtime/settings.ts'
import type { Children } from '../desired/children.ts'
import { type Fact, fact } from './fact.ts'
import type { Observed } from './observed.ts'
import type { Block } from './plan.ts'
import { deploymentReadiness, topicReadiness } from './readiness.ts'

/** What the conditions say now. */
export type Facts = Record<ConditionType, Fact>

/** Users know the topics of their spec; what is wrong with events is mostly wrong with panes and dead letters too. */
const mostTelling: readonly TopicRole[] = ['events', 'metrics', 'panes', 'dlq']

/** Why a Topic Operator refuses a topic until somebody acts. */
const refusals: readonly Reason[] = ['TopicRefused', 'Conflict']

const availability = {
  producer: 'ProducerAvailable',
  processor: 'ProcessorAvailable',
  consumer: 'ConsumerAvailable',
} as const

/** What other rooms say of the pipeline. */
export interface Told {
  suspended: Fact
  flowing: Fact
  expiring: Fact
}

/**
 * What to say of a pipeline with a valid spec. `blocks` are what the plan could not get past; `flowing` is what
 * flow.ts says of the data, `expiring` what expiry.ts says.
 */
export const facts = (
  desired: Children,
  observed: Observed,
  { blocks, suspended, flowing, expiring }: Told & { blocks: Block[] },
): Facts => {
  const blockedBy = blocks.find(({ stalled }) => stalled)
  const TopicsReady = topicsFact(desired, observed, blockedBy)
  const stalledBy = blockedBy ?? (refusals.includes(TopicsReady.reason) ? TopicsReady : undefined)
  const base = {
    TopicsReady,
    ProducerAvailable: podsFact('producer', desired, observed),
    ProcessorAvailable: podsFact('processor', desired, observed),
    ConsumerAvailable: podsFact('consumer', desired, observed),
    Flowing: flowing,
    Stalled:
      stalledBy === undefined
        ? fact('False', 'NotStalled')
        : fact('True', stalledBy.reason, stalledBy.message),
    Suspended: suspended,
    DataExpiring: expiring,
  }
  const waitingFor = blocks.find(({ stalled }) => !stalled)
  const Ready = ready(base, waitingFor)
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
 */
const ready = (base: Omit<Facts, 'Ready' | 'Reconciling'>, waitingFor: Block | undefined): Fact => {
  if (base.Stalled.status === 'True') return fact('False', base.Stalled.reason, base.Stalled.message)
  if (waitingFor !== undefined) return fact('False', waitingFor.reason, waitingFor.message)
  if (base.TopicsReady.status !== 'True') return { ...base.TopicsReady, status: 'False' }
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
    .map((role) => topicReadiness({ role, name: desired.topics[role].metadata.name }, observed.topics[role]))
    .filter((readiness) => !readiness.ready)
  const worst = faults.find(({ reason }) => refusals.includes(reason)) ?? faults[0]
  return worst === undefined ? fact('True', 'TopicsReady') : fact('False', worst.reason, worst.message)
}

const podsFact = (role: Role, desired: Children, observed: Observed): Fact => {
  const wanted = desired.deployments[role]
  const actual = observed.deployments[role]
  const available = wanted.spec.replicas === 0 ? 'ScaledToZero' : 'Available'
  if (actual === undefined) {
    return available === 'ScaledToZero' ? fact('True', available) : fact('False', 'WaitingForTopics')
  }
  const readiness = deploymentReadiness(wanted.metadata.name, actual)
  return readiness.ready ? fact('True', available) : fact('False', readiness.reason, readiness.message)
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
      message: message.slice(0, 4_096),
      lastTransitionTime,
      observedGeneration: generation,
    }
  })
