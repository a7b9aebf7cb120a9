import { milliseconds } from '../api/duration.ts'
import type { Condition } from '../api/kubernetes.ts'
import type { ConditionType, EventReason, Reason, Status as StatusOfPipeline } from '../api/status.ts'
import { topicOrder } from '../desired/topics.ts'
import type { Facts } from './conditions.ts'
import type { Fact } from './fact.ts'

/** Something that a pipeline's users are told once, as an event. */
export interface Happening {
  type: 'Normal' | 'Warning'
  reason: EventReason
  note: string
}

const normal = (reason: EventReason, note: string): Happening => ({ type: 'Normal', reason, note })
const warning = (reason: EventReason, note: string): Happening => ({ type: 'Warning', reason, note })

/** Reasons for not being ready that somebody asked for. */
const asked: ReadonlySet<Reason> = new Set([
  'RollingOut',
  'Progressing',
  'TopicsGrowing',
  'Suspending',
  'Draining',
  'Suspended',
])

/** What happened between the conditions that were written before and the facts that are written now. */
export const happenings = (before: readonly Condition[], now: Facts): Happening[] => {
  const was = (type: ConditionType) => before.find((condition) => condition.type === type)
  return [
    ...topics(was('TopicsReady')?.status, now.TopicsReady),
    ...suspension(was('Suspended')?.status, now.Suspended),
    ...expiry(was('DataExpiring')?.message, now.DataExpiring),
    ...data(was('Flowing'), now.Flowing),
    ...readiness({ ready: was('Ready'), stalled: was('Stalled') }, now),
  ]
}

/** Topics that were made again since the status was written: another KafkaTopic has the name. */
export const recreations = (before: StatusTopics, now: StatusTopics): Happening[] =>
  topicOrder.flatMap((role) => {
    const [was, is] = [before?.[role], now?.[role]]
    if (was?.uid === undefined || is?.uid === undefined || was.uid === is.uid) return []
    const note = `KafkaTopic ${is.name} was deleted and made again: the records of the topic went with it`
    return [warning('TopicRecreated', note)]
  })

/** A window that was edited since the status was written. */
export const windowChanges = (before: StatusWindow, now: StatusWindow): Happening[] => {
  if (before === undefined || now === undefined || isSame(before, now)) return []
  const note = `windows of ${windowText(now)} instead of ${windowText(before)}: they begin where what is published ends`
  return [normal('WindowChanged', note)]
}

type Window = NonNullable<StatusWindow>

const isSame = (one: Window, other: Window): boolean =>
  milliseconds(one.size) === milliseconds(other.size) && milliseconds(one.slide) === milliseconds(other.slide)

const windowText = ({ size, slide }: Window): string => (slide === size ? size : `${size} every ${slide}`)

type StatusWindow = StatusOfPipeline['window']
type StatusTopics = StatusOfPipeline['topics']
type Status = Condition['status'] | undefined

const topics = (before: Status, { status, message }: Fact): Happening[] =>
  before !== 'True' && status === 'True' ? [normal('TopicsReady', message)] : []

const suspension = (before: Status, { status, reason, message }: Fact): Happening[] => {
  if (before !== 'True' && status === 'True') {
    return [reason === 'NotDrained' ? warning('Suspended', message) : normal('Suspended', message)]
  }
  return before === 'True' && reason === 'NotSuspended' ? [normal('Resumed', message)] : []
}

/** A countdown: each step of it has another message. */
const expiry = (before: string | undefined, { reason, message }: Fact): Happening[] => {
  if (before === message) return []
  if (reason === 'CountedEventsExpire') return [normal(reason, message)]
  return reason === 'Expiring' || reason === 'Expired' ? [warning(reason, message)] : []
}

/** Reasons for no new windows that another condition tells: Suspended, or Stalled. */
const toldElsewhere: ReadonlySet<string> = new Set<Reason>(['Draining', 'Halted'])

const data = (before: Condition | undefined, { status, reason, message }: Fact): Happening[] => {
  const failed = before?.status === 'False' && !toldElsewhere.has(before.reason)
  if (!failed && status === 'False' && !toldElsewhere.has(reason)) return [warning(reason, message)]
  return failed && status === 'True' ? [normal('Flowing', message)] : []
}

/** What stalls a pipeline is told in its own words; that it is therefore not ready needs no event beside. */
const readiness = (
  { ready, stalled }: { ready: Condition | undefined; stalled: Condition | undefined },
  { Ready, Stalled }: Facts,
): Happening[] => {
  if (Stalled.status === 'True') {
    const known = stalled?.status === 'True' && stalled.reason === Stalled.reason
    return known ? [] : [warning(Stalled.reason, Stalled.message)]
  }
  if (ready?.status !== 'True' && Ready.status === 'True') return [normal('Ready', Ready.message)]
  const worsens = ready?.reason !== Ready.reason && Ready.reason === 'Unavailable'
  if (Ready.status === 'True' || (ready?.status !== 'True' && !worsens)) return []
  const tell = asked.has(Ready.reason) ? normal : warning
  return [tell('NotReady', `${Ready.reason}: ${Ready.message}`)]
}
