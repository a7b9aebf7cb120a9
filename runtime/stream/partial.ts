import * as z from 'zod'
import type { Message } from '../roles/log.ts'
import { Buffers } from './buffers.ts'
import type { Counter } from './counter.ts'
import type { Pane } from './pane.ts'
import { emptyTally, type Tally } from './tally.ts'
import type { Uniques } from './uniques.ts'

/**
 * The records of `<p>-panes`. The key says what a record is: `marker`, or `pane <start> <part>/<parts>`. A pane's
 * partial is a JSON text, and behind it the sets as the bytes that they are:
 *
 *     ┌────────────────┬───────────┬───────┬──────────┐
 *     │ length of text │ JSON text │ users │ sessions │
 *     └─ 4 bytes ──────┴───────────┴───────┴──────────┘
 *
 * In the text names and counts stand in one flat list, as an object would lose their order and some names. A long
 * partial is cut into parts of bytes, one record each, that follow one another in the same transaction: 10,000 names
 * of each kind and full sets make four or five of them.
 */

/** Bytes of a record's value, well below what a broker takes by default (1,048,588 for a batch). */
const partBytes = 700_000

/** Ends a transaction's partials: no pane that ends at or before `closedUpTo` comes after it. Counts since the start. */
export interface Marker {
  closedUpTo: number
  late: number
  invalid: number
}

/** What a key of `<p>-panes` says. */
export type PanesKey = { kind: 'marker' } | { kind: 'pane'; start: number; part: number; parts: number }

const whole = z.int().min(0)
const MarkerRecord = z.object({ v: z.literal(1), closedUpTo: whole, late: whole, invalid: whole })

/** The text of a partial. */
interface PartialText {
  v: 3
  start: number
  events: number
  duration: string
  eventTypes: Counts
  devices: Counts
  referrers: Counts
  pages: Counts
  /** Bytes of the sets. */
  users: number
  sessions: number
}

interface Counts {
  /** Names and counts in turn, which are looked at one by one when they are taken: they are many. */
  counts: unknown[]
  others: number
}

/** A record of the panes that cannot be read: its writer is newer than this, or it is none of ours. */
export class UnreadablePanes extends Error {
  override readonly name = 'UnreadablePanes'
}

const encoder = new TextEncoder()
const flat = (counter: Counter) => ({ counts: counter.flat(), others: counter.others })

/** Bytes in front of the text that tell its length. */
const lengthBytes = 4

const partialBytes = ({ start, tally }: Pane, buffers: Buffers): Buffer => {
  const [users, sessions] = [tally.users.encodedLength(), tally.sessions.encodedLength()]
  const text = JSON.stringify({
    v: 3,
    start,
    events: tally.events,
    duration: String(tally.duration.value()),
    eventTypes: flat(tally.eventTypes),
    devices: flat(tally.devices),
    referrers: flat(tally.referrers),
    pages: flat(tally.pages),
    users,
    sessions,
  } satisfies PartialText)
  const length = Buffer.byteLength(text)
  const bytes = buffers.take(lengthBytes + length + users + sessions)
  bytes.writeUInt32BE(length)
  bytes.write(text, lengthBytes)
  tally.users.encodeInto(bytes, lengthBytes + length)
  tally.sessions.encodeInto(bytes, lengthBytes + length + users)
  return bytes
}

/** Makes the records of partials, in memory that it uses again. */
export class PartialWriter {
  readonly #buffers = new Buffers()
  #last: Buffer[] = []

  /**
   * The records of the panes' partials, in order; those of a pane must come into the same transaction. They are valid until
   * the next ones are made.
   */
  write(panes: readonly Pane[]): Message[] {
    for (const bytes of this.#last) this.#buffers.give(bytes)
    this.#last = []
    return panes.flatMap((pane) => {
      const bytes = partialBytes(pane, this.#buffers)
      this.#last.push(bytes)
      return recordsOf(pane.start, bytes)
    })
  }
}

const recordsOf = (start: number, bytes: Buffer): Message[] => {
  const parts = Math.ceil(bytes.length / partBytes)
  return Array.from({ length: parts }, (_, part) => ({
    key: encoder.encode(`pane ${start} ${part + 1}/${parts}`),
    value: bytes.subarray(part * partBytes, (part + 1) * partBytes),
  }))
}

export const markerMessage = (marker: Marker): Message => ({
  key: encoder.encode('marker'),
  value: encoder.encode(JSON.stringify({ v: 1, ...marker })),
})

const paneKey = /^pane (\d{1,15}) (\d{1,4})\/(\d{1,4})$/

/** Throws UnreadablePanes. */
export const parsePanesKey = (key: Uint8Array | null): PanesKey => {
  const text = key === null ? '' : Buffer.from(key).toString('latin1')
  if (text === 'marker') return { kind: 'marker' }
  const match = paneKey.exec(text)
  if (match === null) throw new UnreadablePanes('the key is neither that of a pane nor that of a marker')
  return { kind: 'pane', start: Number(match[1]), part: Number(match[2]), parts: Number(match[3]) }
}

/** Throws UnreadablePanes. */
const reading = <T>(read: () => T): T => {
  try {
    return read()
  } catch (error) {
    throw new UnreadablePanes('the value is not what this version writes', { cause: error })
  }
}

/** Throws UnreadablePanes. */
export const parseMarker = (value: Uint8Array | null): Marker => {
  if (value === null) throw new UnreadablePanes('the record has no value')
  const { closedUpTo, late, invalid } = reading(() =>
    MarkerRecord.parse(JSON.parse(Buffer.from(value).toString())),
  )
  return { closedUpTo, late, invalid }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
const isDuration = (value: unknown): boolean => typeof value === 'string' && /^\d{1,30}$/.test(value)
const isCounts = (value: unknown): boolean =>
  isObject(value) && Array.isArray(value['counts']) && isWhole(value['others'])

/** There is a partial for each second of each partition: with zod this took some per cent of all of a drain. */
const isPartial = (value: unknown): value is PartialText =>
  isObject(value) &&
  value['v'] === 3 &&
  ['start', 'events', 'users', 'sessions'].every((name) => isWhole(value[name])) &&
  ['eventTypes', 'devices', 'referrers', 'pages'].every((name) => isCounts(value[name])) &&
  isDuration(value['duration'])

/** Throws UnreadablePanes. */
const parsePartial = (bytes: Buffer, end: number): PartialText => {
  const value: unknown = reading(() => JSON.parse(bytes.toString('utf8', lengthBytes, end)))
  if (!isPartial(value)) throw new UnreadablePanes('the value is not what this version writes')
  return value
}

/** Whether panes up to an instant, and counts, include what a record of the panes says. Throws UnreadablePanes. */
export const includes = (
  { closedUpTo, late, invalid }: Marker,
  { key, value }: Pick<Message, 'key' | 'value'>,
): boolean => {
  const what = parsePanesKey(key)
  if (what.kind === 'pane') return what.start < closedUpTo
  const marker = parseMarker(value)
  return marker.closedUpTo <= closedUpTo && marker.late <= late && marker.invalid <= invalid
}

const addCounts = (into: Counter, { counts, others }: Counts): void => {
  for (let at = 0; at < counts.length; at += 2) {
    const [name, count] = [counts[at], counts[at + 1]]
    if (typeof name !== 'string' || typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0)
      throw new UnreadablePanes('counts are not names and numbers in turn')
    into.add(name, count)
  }
  into.addOthers(others)
}

const addHashes = (into: Uniques, bytes: Uint8Array): void => {
  if (!into.mergeEncoded(bytes)) throw new UnreadablePanes('a set of hashes is neither exact nor an estimate')
}

/**
 * Adds the partial in the joined bytes of its parts to a tally. Throws UnreadablePanes; what it may have added by then
 * makes the tally useless.
 */
export const mergePartial = (into: Tally, value: Uint8Array): void => {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length)
  const users = lengthBytes + (bytes.length < lengthBytes ? 0 : bytes.readUInt32BE())
  const partial = parsePartial(bytes, users)
  const sessions = users + partial.users
  if (sessions + partial.sessions !== bytes.length)
    throw new UnreadablePanes('a pane is longer or shorter than it says')
  into.events += partial.events
  into.duration.addLarge(BigInt(partial.duration))
  addCounts(into.eventTypes, partial.eventTypes)
  addCounts(into.devices, partial.devices)
  addCounts(into.referrers, partial.referrers)
  addCounts(into.pages, partial.pages)
  addHashes(into.users, bytes.subarray(users, sessions))
  addHashes(into.sessions, bytes.subarray(sessions))
}

/** The number of events in a partial. Throws UnreadablePanes. */
export const eventsIn = (value: Uint8Array): number => {
  const tally = emptyTally()
  mergePartial(tally, value)
  return tally.events
}
