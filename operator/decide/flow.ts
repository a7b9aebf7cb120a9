import { isDeepStrictEqual } from 'node:util'
import { milliseconds } from '../api/duration.ts'
import type { Condition, PipelineObject } from '../api/kubernetes.ts'
import {
  parsePipeline,
  type Pipeline,
  previousConditions,
  previousFlow,
  previousSuspension,
} from '../api/pipeline.ts'
import { type ConditionType, type Flow, type Reason, reasons } from '../api/status.ts'
import { childName } from '../desired/names.ts'
import type { Summary } from '../../runtime/summary.ts'
import { type Fact, fact } from './fact.ts'

/** What the consumer said. */
export interface Reading {
  summary: Summary
  /** When, in milliseconds since the epoch. */
  at: number
}

/**
 * The newest reading; `unreadable` when the consumer does not answer, `unserved` where no pod of it is ready, undefined
 * before it was asked.
 */
export type Seen = Reading | 'unreadable' | 'unserved' | undefined

/** What the status says of the data. */
export interface FlowStatus {
  flowing: Fact
  flow: Flow | undefined
}

const second = 1_000
/** The least time between two written readings. */
export const flowInterval = 15 * second
/** After this time also a small difference is written. */
const smallAfter = 30 * second
/** How much later than its spec demands a window may come: fetches, commits, the consumer's and our own intervals. */
const margin = 30 * second

/** What the status shall say of the data of a pipeline; `now` in milliseconds since the epoch. */
export const flowStatus = (
  pipeline: Pipeline,
  object: PipelineObject,
  { seen, now }: { seen: Seen; now: number },
): FlowStatus => {
  const before = previousFlow(object)
  if (pipeline.spec.suspend && previousSuspension(object)?.drained !== undefined) {
    return { flowing: notObserved('the pipeline is suspended'), flow: undefined }
  }
  const { replicas, autoscaled } = pipeline.spec.consumer
  if (replicas === 0 && !autoscaled) {
    const message = 'spec.consumer.replicas is 0: only a consumer tells of the data'
    return { flowing: notObserved(message), flow: undefined }
  }
  if (seen === undefined) return { flowing: asBefore(object), flow: before }
  if (seen === 'unserved') {
    const message = 'no pod of the consumer is ready: only a consumer tells of the data'
    return { flowing: notObserved(message), flow: undefined }
  }
  if (seen === 'unreadable') {
    const service = `${childName(pipeline, 'consumer')}.${pipeline.namespace}.svc`
    return { flowing: notObserved(`the operator cannot read the Service ${service}`), flow: undefined }
  }
  return { flowing: verdict(pipeline, object, { seen, now }), flow: shownFlow(seen, before) }
}

/** Whether the drain of a suspended pipeline is not over, as its status says. */
export const isDraining = (object: PipelineObject): boolean => {
  const suspension = previousSuspension(object)
  return suspension !== undefined && suspension.drained === undefined
}

/** Whether a pass would write something else of the data than the status says, or has waited for this reading. */
export const flowIsDue = (object: PipelineObject, { seen, now }: { seen: Seen; now: number }): boolean => {
  const parsed = parsePipeline(object)
  if (!parsed.ok) return false
  if (isDraining(object)) return true
  const { flowing, flow } = flowStatus(parsed.pipeline, object, { seen, now })
  const before = conditionOf(object, 'Flowing')
  return (
    !isDeepStrictEqual(flow, previousFlow(object)) ||
    before?.status !== flowing.status ||
    before.reason !== flowing.reason ||
    before.message !== flowing.message
  )
}

const notObserved = (message: string): Fact => fact('Unknown', 'NotObserved', message)

const conditionOf = (object: PipelineObject, of: ConditionType): Condition | undefined =>
  previousConditions(object).find(({ type }) => type === of)

/** An operator that has just begun says what the one before it said. */
const asBefore = (object: PipelineObject): Fact => {
  const before = conditionOf(object, 'Flowing')
  if (before === undefined || !isReason(before.reason)) return notObserved('the consumer was not asked yet')
  return fact(before.status, before.reason, before.message)
}

const isReason = (text: string): text is Reason => Object.hasOwn(reasons, text)

const verdict = (
  pipeline: Pipeline,
  object: PipelineObject,
  { seen: { summary }, now }: { seen: Reading; now: number },
): Fact => {
  const { lastWindow, freshnessSeconds, lag } = summary
  const halt = haltOf(object, summary)
  if (halt !== undefined) return fact('False', 'Halted', halt)
  const isYoung = freshnessSeconds !== null && freshnessSeconds * second <= oldest(pipeline, lastWindow)
  if (isYoung) return fact('True', 'Flowing')
  if (pipeline.spec.suspend) {
    const message = 'the event source is stopped: no window comes but those of the events that wait'
    return fact('False', 'Draining', message)
  }
  const since = runsSince(pipeline, object)
  const hasBegun = lastWindow !== null && Date.parse(lastWindow.end) > since
  if (!hasBegun && now - since <= longest(pipeline)) {
    return notObserved(`the first window may take until ${longest(pipeline) / second} s after the start`)
  }
  if (lastWindow === null) return fact('False', 'NoResults')
  const when = `the newest window ended at ${lastWindow.end}`
  if (lag === 0) {
    const producer = childName(pipeline, 'producer')
    return fact('False', 'NoEvents', `${when} and every event is counted: does ${producer} send?`)
  }
  const waiting = lag === null ? 'how many events wait is not known' : 'events wait'
  const processor = `-n ${pipeline.namespace} deployment/${childName(pipeline, 'processor')}`
  return fact('False', 'Behind', `${when}, and ${waiting}: see kubectl logs ${processor}`)
}

/**
 * Why the processors of a pipeline have stopped for good, and what to do. Those that work have in memory what the log may
 * have lost: only those that are not available have stopped.
 */
export const haltOf = (object: PipelineObject, { halted }: Summary): string | undefined => {
  const areAvailable = conditionOf(object, 'ProcessorAvailable')?.status === 'True'
  return areAvailable ? undefined : (halted ?? undefined)
}

/**
 * The greatest age of the newest window while all is well, in milliseconds: the next one ends a slide later. A window that
 * is longer than the spec's was made before an edit: the next one may take as much longer.
 */
const oldest = ({ spec }: Pipeline, newest: Summary['lastWindow']): number => {
  const { size, slide = size, grace, idleTimeout } = spec.processor.window
  const length = newest === null ? 0 : Date.parse(newest.end) - Date.parse(newest.start)
  return sum(slide, grace, idleTimeout) + margin + Math.max(0, length - sum(size))
}

/** The most that it may take from a start to its first window, or from the last event to its last window. */
export const longest = (pipeline: Pipeline): number =>
  oldest(pipeline, null) + sum(pipeline.spec.processor.window.size)

const sum = (...durations: string[]): number =>
  durations.reduce((total, text) => total + (milliseconds(text) ?? 0), 0)

/** The last moment at which windows could not be expected yet: creation, topics becoming ready, resumption. */
const runsSince = (pipeline: Pipeline, object: PipelineObject): number => {
  const flips = previousConditions(object)
    .filter(
      ({ type, status }) =>
        (type === 'TopicsReady' && status === 'True') || (type === 'Suspended' && status === 'False'),
    )
    .map(({ lastTransitionTime }) => Date.parse(lastTransitionTime) || 0)
  return Math.max(pipeline.created, ...flips)
}

/**
 * The flow to show: the reading when it is news, else what was shown. News are another newest window, other numbers of
 * late or invalid events, something that became known or unknown, and a lag that has doubled or halved by more than a
 * hundred. Its small movements wait for the next news, half a minute at most; the age of the newest window is none, since
 * it only follows the clock. So a pipeline whose data stand still causes no write.
 */
const shownFlow = (reading: Reading, before: Flow | undefined): Flow | undefined => {
  const flow = flowOf(reading)
  if (flow === undefined || before === undefined) return flow
  const elapsed = reading.at - (Date.parse(before.observedAt ?? '') || 0)
  if (elapsed >= 0 && elapsed < flowInterval) return before
  const waited = elapsed < 0 || elapsed >= smallAfter
  return isNews(flow, before) || (waited && flow.lag !== before.lag) ? flow : before
}

const isNews = (flow: Flow, before: Flow): boolean => {
  const coarse = (of: Flow) => ({
    ...of,
    lag: of.lag !== undefined,
    freshnessSeconds: undefined,
    observedAt: undefined,
  })
  return !isDeepStrictEqual(coarse(flow), coarse(before)) || hasMoved(flow.lag ?? 0, before.lag ?? 0)
}

const hasMoved = (a: number, b: number): boolean => Math.max(a, b) > 2 * Math.min(a, b) + 100

/** The known parts of a reading; undefined when nothing is known. */
const flowOf = ({ summary, at }: Reading): Flow | undefined => {
  const { lastWindow, eventsPerSecond, lag, freshnessSeconds, lateEvents, invalidEvents } = summary
  const flow: Flow = {
    ...(lastWindow && {
      lastWindow: {
        start: lastWindow.start,
        end: lastWindow.end,
        totalEvents: lastWindow.totalEvents,
        uniqueUsers: lastWindow.uniqueUsers,
      },
    }),
    ...(eventsPerSecond !== null && { eventsPerSecond }),
    ...(lag !== null && { lag }),
    ...(freshnessSeconds !== null && { freshnessSeconds }),
    ...(lateEvents !== null && { lateEvents }),
    ...(invalidEvents !== null && { invalidEvents }),
  }
  return Object.keys(flow).length === 0 ? undefined : { ...flow, observedAt: new Date(at).toISOString() }
}
