import { eventTypes, type EventType } from '../event.ts'
import { bytesAt, type Span, spanOf } from '../span.ts'
import { type Hash, hashInto } from '../stream/hash.ts'
import { parseInstant } from '../stream/instant.ts'
import { addressBytes, idBytes, longestDuration, nameBytes } from './bounds.ts'
import { reasons, type Reason } from './reasons.ts'
import { blankScanned, type Rejected, type Scan, type Scanned } from './scan.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()
const idBuffer = new Uint8Array(idBytes)
const idSpan = spanOf(idBuffer)

/** The reasons that a field can give, as a throw inside this file: the scan turns it into its result. */
class Flaw extends Error {
  readonly rejected: Rejected
  constructor(reason: Reason, detail: string) {
    super(detail)
    this.rejected = { ok: false, reason, detail }
  }
}

/** Each flaw is made once: they are few, and making an error costs more than all the rest of a bad event. */
const flaws = new Map<string, Flaw>()

const flaw = (reason: Reason, detail: string): Flaw => {
  const known = flaws.get(detail)
  if (known?.rejected.reason === reason) return known
  const made = new Flaw(reason, detail)
  flaws.set(detail, made)
  return made
}

const decode = (value: Uint8Array): string => {
  try {
    return decoder.decode(value)
  } catch {
    throw flaw('NotUtf8', 'the value is not valid UTF-8')
  }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw flaw('NotJson', text === '' ? 'the value is empty' : reasons.NotJson)
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** No object inherits a member with the name of a field, and JSON has no `undefined`. */
const field = (event: Record<string, unknown>, name: string): unknown => {
  const value = event[name]
  if (value === undefined) throw flaw('MissingField', `${name} is missing`)
  return value
}

const longerThan = (text: string, bytes: number): boolean =>
  text.length > bytes || (text.length * 3 > bytes && encoder.encode(text).length > bytes)

const text = (event: Record<string, unknown>, name: string, bytes: number): string => {
  const value = field(event, name)
  if (typeof value !== 'string') throw flaw('WrongType', `${name} must be a string`)
  // An escaped half of a surrogate pair is good JSON, but has no UTF-8 and so no hash and no name.
  if (!value.isWellFormed()) throw flaw('NotUtf8', `${name} has half of a surrogate pair`)
  if (longerThan(value, bytes)) throw flaw('TooLong', `${name} must have at most ${bytes} bytes`)
  return value
}

const filled = (event: Record<string, unknown>, name: string, bytes: number): string => {
  const value = text(event, name, bytes)
  if (value === '') throw flaw('Empty', `${name} must not be empty`)
  return value
}

const typeOf = (event: Record<string, unknown>): EventType => {
  const value = text(event, 'event_type', nameBytes)
  const known = eventTypes.find((type) => type === value)
  if (known === undefined)
    throw flaw('UnknownEventType', `event_type must be one of ${eventTypes.join(', ')}`)
  return known
}

const instant = (event: Record<string, unknown>): number => {
  const value = field(event, 'timestamp')
  if (typeof value !== 'string') throw flaw('WrongType', 'timestamp must be a string')
  const time = parseInstant(value)
  if (time === undefined) throw flaw('BadTimestamp', reasons.BadTimestamp)
  if (time < 0) throw flaw('OutOfRange', 'timestamp must not lie before 1970')
  return time
}

const duration = (event: Record<string, unknown>): number => {
  const value = field(event, 'duration_ms')
  if (typeof value !== 'number') throw flaw('WrongType', 'duration_ms must be a number')
  if (!Number.isInteger(value) || value < 0 || value > longestDuration)
    throw flaw('OutOfRange', `duration_ms must be a whole number from 0 to ${longestDuration}`)
  return value
}

/** Writes an id in UTF-8 and gives its length. Calling the encoder costs more than all of a short text. */
const writeId = (id: string): number => {
  for (let at = 0; at < id.length; at += 1) {
    const code = id.charCodeAt(at)
    if (code > 127) return encoder.encodeInto(id, idBuffer).written
    idBuffer[at] = code
  }
  return id.length
}

const hashId = (out: Hash, id: string): void => {
  idSpan.length = writeId(id)
  hashInto(out, idSpan)
}

const scanned = blankScanned()

const read = (value: Span): Scanned => {
  const event = parseJson(decode(bytesAt(value)))
  if (!isObject(event)) throw flaw('NotAnObject', reasons.NotAnObject)
  filled(event, 'event_id', idBytes)
  scanned.time = instant(event)
  hashId(scanned.user, filled(event, 'user_id', idBytes))
  hashId(scanned.session, filled(event, 'session_id', idBytes))
  scanned.eventType = typeOf(event)
  scanned.page = filled(event, 'page_url', addressBytes)
  text(event, 'page_category', nameBytes)
  scanned.referrer = text(event, 'referrer', addressBytes)
  scanned.device = filled(event, 'device_type', nameBytes)
  text(event, 'country', nameBytes)
  scanned.duration = duration(event)
  return scanned
}

/**
 * The exact reading of an event, and the meaning of any faster one: strict UTF-8, one JSON text (of repeated
 * keys the last counts), every field of ClickEvent there with its type and within its bounds. Other fields are
 * ignored. How far in the future an event may lie is not asked here: that needs a clock.
 */
export const scan: Scan = (value) => {
  if (value === null) return { ok: false, reason: 'Tombstone', detail: reasons.Tombstone }
  const { stackTraceLimit } = Error
  // Nobody reads the stacks of those that JSON.parse makes.
  Error.stackTraceLimit = 0
  try {
    return read(value)
  } catch (error) {
    if (error instanceof Flaw) return error.rejected
    return { ok: false, reason: 'NotJson', detail: reasons.NotJson }
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
