import { renderInstant } from './instant.ts'
import type { WindowResult } from './result.ts'
import type { Tally } from './tally.ts'
import { listed, top, type Ranked } from './top.ts'
import type { Window } from './window.ts'

/** Devices listed in a result: with names of 256 bytes at most, a result stays far below a record's bound. */
const mostDevices = 100

/** What a result says beside its counts. */
export interface ResultFacts {
  pipeline: string
  generation: number
  late: number
  invalid: number
}

/** An object whose members stand in the order given: a JavaScript object would put names like "1" first. */
const countsText = (ranks: readonly Ranked[]): string =>
  `{${ranks.map(([name, count]) => `${JSON.stringify(name)}:${count}`).join(',')}}`

/** Rounded half up; 0 for no events. */
const average = (sum: bigint, events: number): string =>
  events === 0 ? '0' : String((2n * sum + BigInt(events)) / (2n * BigInt(events)))

const isExact = (tally: Tally): boolean =>
  tally.users.exact &&
  tally.sessions.exact &&
  ![tally.eventTypes, tally.devices, tally.referrers, tally.pages].some(({ overflow }) => overflow)

/** The JSON text of a window's result, a WindowResult: counts in order, highest first. */
export const resultText = (window: Window, tally: Tally, facts: ResultFacts): string => {
  const eventTypes = listed(tally.eventTypes, mostDevices)
  const devices = listed(tally.devices, mostDevices)
  const fields: Record<keyof WindowResult, string> = {
    pipeline: JSON.stringify(facts.pipeline),
    window_start: JSON.stringify(renderInstant(window.start)),
    window_end: JSON.stringify(renderInstant(window.end)),
    total_events: String(tally.events),
    unique_users: String(tally.users.count()),
    unique_sessions: String(tally.sessions.count()),
    event_types: countsText(eventTypes.ranks),
    devices: countsText(devices.ranks),
    top_referrers: countsText(top(tally.referrers, 3)),
    top_pages: countsText(top(tally.pages, 5)),
    avg_duration_ms: average(tally.duration.value(), tally.events),
    late_events: String(facts.late),
    invalid_events: String(facts.invalid),
    exact: String(isExact(tally) && !eventTypes.cut && !devices.cut),
    clipped: String(window.clipped),
    generation: String(facts.generation),
  }
  return `{${Object.entries(fields)
    .map(([name, text]) => `"${name}":${text}`)
    .join(',')}}`
}
