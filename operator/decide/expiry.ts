import { durationText, milliseconds } from '../api/duration.ts'
import type { Pipeline } from '../api/pipeline.ts'
import type { Suspension } from '../api/status.ts'
import { topicNames } from '../../runtime/names.ts'
import { type Fact, fact } from './fact.ts'
import { hadNoPods } from './suspension.ts'

/** Kafka's default of offsets.retention.minutes: how long it keeps the positions of a group without members. */
const positionsKept = 7 * 24 * 3_600_000
/** Parts of the time, at which what is left of it is told anew. */
const steps = [1 / 2, 1 / 4, 1 / 8]

/** Something that Kafka deletes while a pipeline is suspended. */
interface Expiry {
  what: string
  /** Milliseconds since the epoch: not before this time. */
  at: number
  /** Milliseconds from the begin of the suspension on. */
  kept: number
  /** Whether the pipeline needs it. */
  needed: boolean
}

/** What to say of what expires while a pipeline is suspended, and in how many milliseconds that changes. */
export const expiring = (
  pipeline: Pipeline,
  suspension: Suspension | undefined,
  now: number,
): { fact: Fact; changesIn: number } => {
  if (suspension === undefined) return { fact: fact('False', 'NotSuspended'), changesIn: Infinity }
  if (suspension.drained === undefined) {
    const message = 'what Kafka deletes meanwhile is told when the drain is over'
    return { fact: fact('False', 'Draining', message), changesIn: Infinity }
  }
  if (hadNoPods(suspension)) {
    const message =
      `no pods ran, so what waits is not known: events in ${topicNames(pipeline.name).events} not counted yet, and the ` +
      'positions of the processors, may be deleted already'
    return { fact: fact('Unknown', 'NotObserved', message), changesIn: Infinity }
  }
  const expiry = next(pipeline, suspension, now)
  if (expiry === undefined) return { fact: fact('False', 'NotSuspended'), changesIn: Infinity }
  const left = expiry.at - now
  const when = new Date(expiry.at).toISOString()
  if (left <= 0) {
    const message = `${expiry.what} may be deleted since ${when}`
    return { fact: fact('True', 'Expired', message), changesIn: Infinity }
  }
  if (isUnknown(suspension)) {
    const message =
      `how far the events are counted is not known: events in ${topicNames(pipeline.name).events} not counted yet may be ` +
      'deleted at any time: set spec.suspend to false'
    return { fact: fact('True', 'Expiring', message), changesIn: left }
  }
  const step = steps.findLast((part) => left <= part * expiry.kept)
  const following = steps.find((part) => part * expiry.kept < left) ?? 0
  const changesIn = left - following * expiry.kept
  if (step === undefined) {
    return { fact: fact('False', 'Kept', `Kafka keeps ${expiry.what} until ${when}`), changesIn }
  }
  const within = durationText(step * expiry.kept)
  const message = `Kafka deletes ${expiry.what} from ${when} on, in less than ${within}`
  if (!expiry.needed) return { fact: fact('False', 'CountedEventsExpire', message), changesIn }
  const cure = 'set spec.suspend to false before'
  return { fact: fact('True', 'Expiring', `${message}: ${cure}`), changesIn }
}

/** Whether nobody knows how old the events are that wait: a processor may have been behind by any time. */
const isUnknown = ({ drained, countedUpTo }: Suspension): boolean =>
  drained !== true && countedUpTo === undefined

/** The first of what expires; what was not needed and has expired is no longer spoken of. */
const next = (pipeline: Pipeline, suspension: Suspension, now: number): Expiry | undefined => {
  const { since, sourceStopped = since, drained, countedUpTo = sourceStopped } = suspension
  const retention = milliseconds(pipeline.spec.topics.events.retention) ?? 0
  const topic = topicNames(pipeline.name).events
  const events: Expiry = {
    what: eventsOf(topic, suspension),
    at: instant(drained === true ? sourceStopped : countedUpTo) + retention,
    kept: retention,
    needed: drained !== true,
  }
  const positions: Expiry = {
    what: 'the positions of the processors (offsets.retention.minutes, by default 7 days)',
    at: instant(since) + positionsKept,
    kept: positionsKept,
    needed: true,
  }
  return [events, positions].sort((a, b) => a.at - b.at).find(({ at, needed }) => needed || at > now)
}

const eventsOf = (topic: string, suspension: Suspension): string => {
  if (suspension.drained === true) return `the events in ${topic}, all counted,`
  return isUnknown(suspension)
    ? `even the newest events in ${topic}, not known to be counted,`
    : `events in ${topic} not counted yet`
}

const instant = (text: string): number => Date.parse(text) || 0
