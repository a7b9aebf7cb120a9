import type { Rows } from '../kernel/kernel.ts'
import type { Scanned } from '../scan/scan.ts'
import { Counter } from './counter.ts'
import type { Run } from './run.ts'
import { Uniques } from './uniques.ts'

/**
 * A sum of numbers that may pass 2^53: a pane holds any number of events, a window up to a week of them, each
 * with a duration of up to a week. Small steps go into a plain number, which is emptied before it loses digits.
 */
class Sum {
  #small = 0
  #large = 0n

  add(value: number): void {
    this.#small += value
    if (this.#small > 2 ** 52) this.#empty()
  }

  /** Whole numbers below 2^32, a thousand at most. */
  addColumn(column: Int32Array, { from, count }: Run): void {
    let sum = 0
    for (let row = from; row < from + count; row += 1) sum += column[row] ?? 0
    this.add(sum)
  }

  addLarge(value: bigint): void {
    this.#large += value
  }

  clear(): void {
    this.#small = 0
    this.#large = 0n
  }

  value(): bigint {
    this.#empty()
    return this.#large
  }

  #empty(): void {
    this.#large += BigInt(this.#small)
    this.#small = 0
  }
}

/** What is known of a set of events: of one pane, of a slice of time, of a window. */
export interface Tally {
  events: number
  /** Sum of the durations, in milliseconds; their count is `events`. */
  readonly duration: Sum
  eventTypes: Counter
  devices: Counter
  referrers: Counter
  pages: Counter
  users: Uniques
  sessions: Uniques
}

export const emptyTally = (): Tally => ({
  events: 0,
  duration: new Sum(),
  eventTypes: new Counter(),
  devices: new Counter(),
  referrers: new Counter(),
  pages: new Counter(),
  users: new Uniques(),
  sessions: new Uniques(),
})

/** Takes all events out. Its tables stay: the next events are much like those before. */
export const clearTally = (tally: Tally): void => {
  tally.events = 0
  tally.duration.clear()
  for (const counter of countersOf(tally)) counter.clear()
  tally.users.clear()
  tally.sessions.clear()
}

/** What its tables take of memory, events or not. */
export const bytesOf = (tally: Tally): number =>
  [...countersOf(tally), tally.users, tally.sessions].reduce((sum, { bytes }) => sum + bytes, 0)

const countersOf = ({ eventTypes, devices, referrers, pages }: Tally): Counter[] => [
  eventTypes,
  devices,
  referrers,
  pages,
]

/** Counts one event. */
export const count = (tally: Tally, event: Scanned): void => {
  tally.events += 1
  tally.duration.add(event.duration)
  tally.eventTypes.add(event.eventType)
  tally.devices.add(event.device)
  tally.referrers.add(event.referrer)
  tally.pages.add(event.page)
  tally.users.add(event.user)
  tally.sessions.add(event.session)
}

/** Rows, some of which, the holes, are no events. */
export interface RowRun extends Run {
  holes: number
}

/** Counts the events of rows, one column after the other: in a hole there is nothing that counts. */
export const countRows = (tally: Tally, { columns, names }: Rows, run: RowRun): void => {
  tally.events += run.count - run.holes
  tally.duration.addColumn(columns.durations, run)
  tally.eventTypes.addColumn(columns.eventTypes, run, names)
  tally.devices.addColumn(columns.devices, run, names)
  tally.referrers.addColumn(columns.referrers, run, names)
  tally.pages.addColumn(columns.pages, run, names)
  tally.users.addColumn(columns.users, run)
  tally.sessions.addColumn(columns.sessions, run)
}

/** Makes a hole of a row that was counted by itself. */
export const blankRow = ({ columns }: Rows, row: number): void => {
  const { users, sessions, durations, eventTypes, pages, referrers, devices } = columns
  durations[row] = 0
  users[2 * row] = users[2 * row + 1] = 0
  sessions[2 * row] = sessions[2 * row + 1] = 0
  eventTypes[row] = pages[row] = referrers[row] = devices[row] = -1
}

/** Adds the events of another tally. The order matters only to which names a table keeps when it overflows. */
export const mergeTally = (into: Tally, from: Tally): void => {
  into.events += from.events
  into.duration.addLarge(from.duration.value())
  into.eventTypes.merge(from.eventTypes)
  into.devices.merge(from.devices)
  into.referrers.merge(from.referrers)
  into.pages.merge(from.pages)
  into.users.merge(from.users)
  into.sessions.merge(from.sessions)
}
