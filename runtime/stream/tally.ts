import type { Rows } from '../kernel/kernel.ts'
import {
  rowDevice,
  rowDuration,
  rowPage,
  rowReferrer,
  rowSession,
  rowType,
  rowUser,
  rowWords,
} from '../kernel/layout.ts'
import type { Scanned } from '../scan/scan.ts'
import type { Table } from './table.ts'
import { Counter } from './counter.ts'
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
  addColumn({ words, first, end, step }: Table, column: number): void {
    let sum = 0
    for (let at = first + column; at < end; at += step) sum += words[at] ?? 0
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

/** So many rows from one on, some of which, the holes, are no events. */
export interface RowRun {
  from: number
  count: number
  holes: number
}

/** Counts the events of rows, one column after the other: in a hole there is nothing that counts. */
export const countRows = (tally: Tally, { words, names }: Rows, { from, count, holes }: RowRun): void => {
  const rows = { words, first: from * rowWords, end: (from + count) * rowWords, step: rowWords }
  tally.events += count - holes
  tally.duration.addColumn(rows, rowDuration)
  tally.eventTypes.addColumn(rows, rowType, names)
  tally.devices.addColumn(rows, rowDevice, names)
  tally.referrers.addColumn(rows, rowReferrer, names)
  tally.pages.addColumn(rows, rowPage, names)
  tally.users.addColumn(rows, rowUser)
  tally.sessions.addColumn(rows, rowSession)
}

/** Makes a hole of a row that was counted by itself. */
export const blankRow = ({ words }: Rows, row: number): void => {
  const at = row * rowWords
  words[at + rowDuration] = 0
  words[at + rowUser] = words[at + rowUser + 1] = 0
  words[at + rowSession] = words[at + rowSession + 1] = 0
  words[at + rowType] = words[at + rowPage] = words[at + rowReferrer] = words[at + rowDevice] = -1
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
