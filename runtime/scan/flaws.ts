import { eventTypes } from '../event.ts'
import { addressBytes, idBytes, longestDuration, nameBytes } from './bounds.ts'
import { reasons, type Reason } from './reasons.ts'
import type { Rejected } from './scan.ts'

/**
 * All that can be wrong with a value, each made once: they are few, and making an error costs more than all the rest
 * of a bad event. The exact scan throws them.
 */
export class Flaw extends Error {
  readonly rejected: Rejected
  constructor(reason: Reason, detail: string) {
    super(detail)
    this.rejected = { ok: false, reason, detail }
  }
}

/** Flaws of the value as a whole. */
export const valueFlaws = {
  tombstone: new Flaw('Tombstone', reasons.Tombstone),
  notUtf8: new Flaw('NotUtf8', 'the value is not valid UTF-8'),
  empty: new Flaw('NotJson', 'the value is empty'),
  notJson: new Flaw('NotJson', reasons.NotJson),
  notAnObject: new Flaw('NotAnObject', reasons.NotAnObject),
} as const

/** What a text field has to be, and the flaws that it can have, in the order in which they are looked for. */
export interface TextRule {
  name: string
  missing: Flaw
  notText: Flaw
  /** An escaped half of a surrogate pair is good JSON, but has no UTF-8 and so no hash and no name. */
  notUtf8: Flaw
  /** In bytes of UTF-8. */
  most: number
  tooLong: Flaw
  /** Undefined when the text may be empty. */
  empty: Flaw | undefined
}

const missing = (name: string): Flaw => new Flaw('MissingField', `${name} is missing`)
const notText = (name: string): Flaw => new Flaw('WrongType', `${name} must be a string`)

const text = (name: string, most: number): TextRule => ({
  name,
  missing: missing(name),
  notText: notText(name),
  notUtf8: new Flaw('NotUtf8', `${name} has half of a surrogate pair`),
  most,
  tooLong: new Flaw('TooLong', `${name} must have at most ${most} bytes`),
  empty: undefined,
})

const filled = (name: string, most: number): TextRule => ({
  ...text(name, most),
  empty: new Flaw('Empty', `${name} must not be empty`),
})

export const textRules = {
  event_id: filled('event_id', idBytes),
  user_id: filled('user_id', idBytes),
  session_id: filled('session_id', idBytes),
  event_type: text('event_type', nameBytes),
  page_url: filled('page_url', addressBytes),
  page_category: text('page_category', nameBytes),
  referrer: text('referrer', addressBytes),
  device_type: filled('device_type', nameBytes),
  country: text('country', nameBytes),
} as const

export const typeFlaws = {
  unknown: new Flaw('UnknownEventType', `event_type must be one of ${eventTypes.join(', ')}`),
} as const

export const timestampFlaws = {
  missing: missing('timestamp'),
  notText: notText('timestamp'),
  bad: new Flaw('BadTimestamp', reasons.BadTimestamp),
  early: new Flaw('OutOfRange', 'timestamp must not lie before 1970'),
} as const

export const durationFlaws = {
  missing: missing('duration_ms'),
  notNumber: new Flaw('WrongType', 'duration_ms must be a number'),
  outOfRange: new Flaw('OutOfRange', `duration_ms must be a whole number from 0 to ${longestDuration}`),
} as const

/** Whether a number is no duration. */
export const isOutOfRange = (duration: number): boolean =>
  !Number.isInteger(duration) || duration < 0 || duration > longestDuration
