import type { EventType } from '../event.ts'
import type { Span } from '../span.ts'
import type { Hash } from '../stream/hash.ts'
import type { Reason } from './reasons.ts'

/** What the fold needs of a valid event. The scanner reuses the object: it is valid until the next scan. */
export interface Scanned {
  ok: true
  /** Milliseconds since the epoch. */
  time: number
  eventType: EventType
  user: Hash
  session: Hash
  page: string
  referrer: string
  device: string
  /** Whole milliseconds, not negative. */
  duration: number
}

/** Why a value is no event. `detail` is one short sentence in our own words: it never quotes the value. */
export interface Rejected {
  ok: false
  reason: Reason
  detail: string
}

/** How far a template was followed through a value before it failed: what need not be read again. */
export interface Followed {
  /** The field of each value, in the order of the values. */
  fields: Uint8Array
  /** The number of values that were read and have no flaw; others may follow. */
  values: number
  /** Where the next value begins in the view; infinite when nothing was followed. */
  at: number
  /**
   * Whether the template fits from its value of this number on, which lies at `from` in the view, up to `end`: nothing
   * there has a flaw then. Absent where nobody can tell it faster than a reading.
   */
  fits?(value: number, from: number, end: number): boolean
}

/** Reads the value of a record where it lies, through which templates may have been followed before. Never throws. */
export type Scan = (value: Span | null, followed?: Followed) => Scanned | Rejected

/** An object for a scan to fill, again and again. */
export const blankScanned = (): Scanned => ({
  ok: true,
  time: 0,
  eventType: 'page_view',
  user: { high: 0, low: 0 },
  session: { high: 0, low: 0 },
  page: '',
  referrer: '',
  device: '',
  duration: 0,
})
