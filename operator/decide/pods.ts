import type { Deployment } from '../api/kubernetes.ts'
import { previousConditions, previousStatus } from '../api/pipeline.ts'
import type { ConditionType } from '../api/status.ts'
import type { Children } from '../desired/children.ts'
import { progressDeadlineSeconds } from '../desired/deployments.ts'
import type { Role } from '../../runtime/settings.ts'
import { topicOrder } from '../desired/topics.ts'
import { differs } from './difference.ts'
import { type Fact, fact } from './fact.ts'
import type { Observed } from './observed.ts'
import { topicReadiness } from './readiness.ts'
import { rolloutFlaw, rolloutText } from './rollout.ts'

const second = 1_000
/** Pods that are on their way for longer are worth a look: the message says where. */
const hintAfter = 30 * second
const deadline = progressDeadlineSeconds * second

/** The condition that speaks of the pods of a role. */
export const availability = {
  producer: 'ProducerAvailable',
  processor: 'ProcessorAvailable',
  consumer: 'ConsumerAvailable',
} as const satisfies Record<Role, ConditionType>

/** What is so of a pipeline's pods. */
export interface Pods {
  facts: Record<Role, Fact>
  /** What keeps pods from being available for longer than they may take. */
  stalled: Fact | undefined
  /** Milliseconds until time alone makes this another: a hint is due, or the time is over. */
  changesIn: number
}

interface Given {
  desired: Children
  observed: Observed
  /** What the condition Suspended says. */
  suspended: Fact
  /** Milliseconds since the epoch. */
  now: number
}

/** What is so of the pods of a pipeline. */
export const podsOf = (given: Given): Pods => {
  const verdict = (role: Role) => judged(role, given)
  const [producer, processor, consumer] = [verdict('producer'), verdict('processor'), verdict('consumer')]
  const all = [producer, processor, consumer]
  return {
    facts: { producer: producer.fact, processor: processor.fact, consumer: consumer.fact },
    stalled: all.find(({ stalled }) => stalled !== undefined)?.stalled,
    changesIn: Math.min(...all.map(({ changesIn }) => changesIn)),
  }
}

interface Verdict {
  fact: Fact
  stalled: Fact | undefined
  changesIn: number
}

const judged = (role: Role, { desired, observed, suspended, now }: Given): Verdict => {
  const wanted = desired.deployments[role]
  const actual = observed.deployments[role]
  const none = wanted.spec.replicas === 0
  const well: Verdict = {
    fact: fact('True', none ? 'ScaledToZero' : 'Available'),
    stalled: undefined,
    changesIn: Infinity,
  }
  if (actual === undefined) return none ? well : { ...well, fact: absent(wanted, desired, observed) }
  const flaw = rolloutFlaw(actual)
  // Where no pods run, a change of their template changes none.
  const isWell = flaw === undefined || (flaw.kind === 'changing' && suspended.status === 'True')
  if (isWell) {
    return differs(wanted, actual) ? { ...well, fact: unapplied(wanted, 'still to be changed') } : well
  }
  const { age, isAsked } = course(role, { actual, observed, now })
  const isOver = age >= deadline
  const reason =
    flaw.kind === 'changing' || (flaw.kind === 'lost' && isAsked && !isOver) ? 'RollingOut' : 'Unavailable'
  const message = rolloutText(actual, flaw, { isLong: reason === 'Unavailable' || age >= hintAfter })
  // What is paused without pods stands in the way of nothing yet.
  const isHarmless = flaw.kind === 'paused' && none
  const isStalled = reason === 'Unavailable' && !isHarmless && (flaw.kind === 'overdue' || isOver)
  const next = [hintAfter, deadline].find((moment) => moment > age)
  return {
    fact: fact('False', reason, message),
    stalled: isStalled ? fact('True', 'ProgressDeadlineExceeded', message) : undefined,
    changesIn: next === undefined ? Infinity : next - age,
  }
}

const absent = (wanted: Deployment, desired: Children, { topics }: Observed): Fact =>
  topicOrder.every((role) => topicReadiness({ role, wanted: desired.topics[role] }, topics[role]).ready)
    ? unapplied(wanted, 'still to be made')
    : fact('False', 'WaitingForTopics')

/** What runs, if anything does, is not what this generation of the spec wants, however well it is. */
const unapplied = ({ metadata }: Deployment, what: string): Fact =>
  fact('False', 'Progressing', `Deployment ${metadata.name} is ${what}`)

/** For how long pods were not all available, and whether they are on their way because somebody asked for it. */
const course = (
  role: Role,
  { actual, observed: { pipeline }, now }: { actual: Deployment; observed: Observed; now: number },
): { age: number; isAsked: boolean } => {
  const before = previousConditions(pipeline).find(({ type }) => type === availability[role])
  const existed = previousStatus(pipeline)?.[role]?.replicas ?? Infinity
  const isMore = (actual.status?.replicas ?? 0) > existed
  if (before?.status !== 'False') return { age: 0, isAsked: isMore }
  const began = [before.lastTransitionTime, actual.metadata.creationTimestamp ?? '']
  const since = Math.max(...began.map((instant) => Date.parse(instant) || 0))
  return { age: Math.max(0, now - since), isAsked: isMore || before.reason === 'RollingOut' }
}
