import { eventTypes, type EventType } from '../event.ts'
import { bytesAt, type Span, spanOf } from '../span.ts'
import { type Hash, hashInto } from '../stream/hash.ts'
import { parseInstant } from '../stream/instant.ts'
import { idBytes } from './bounds.ts'
import {
  durationFlaws,
  Flaw,
  isOutOfRange,
  textRules,
  type TextRule,
  timestampFlaws,
  typeFlaws,
  valueFlaws,
} from './flaws.ts'
import { blankScanned, type Scan, type Scanned } from './scan.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()
const idBuffer = new Uint8Array(idBytes)
const idSpan = spanOf(idBuffer)

const decode = (value: Uint8Array): string => {
  try {
    return decoder.decode(value)
  } catch {
    throw valueFlaws.notUtf8
  }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw text === '' ? valueFlaws.empty : valueFlaws.notJson
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const longerThan = (text: string, bytes: number): boolean =>
  text.length > bytes || (text.length * 3 > bytes && encoder.encode(text).length > bytes)

/** No object inherits a member with the name of a field, and JSON has no `undefined`. */
const text = (event: Record<string, unknown>, rule: TextRule): string => {
  const value = event[rule.name]
  if (value === undefined) throw rule.missing
  if (typeof value !== 'string') throw rule.notText
  if (!value.isWellFormed()) throw rule.notUtf8
  if (longerThan(value, rule.most)) throw rule.tooLong
  if (value === '' && rule.empty !== undefined) throw rule.empty
  return value
}

const typeOf = (event: Record<string, unknown>): EventType => {
  const value = text(event, textRules.event_type)
  const known = eventTypes.find((type) => type === value)
  if (known === undefined) throw typeFlaws.unknown
  return known
}

const instant = (event: Record<string, unknown>): number => {
  const value = event['timestamp']
  if (value === undefined) throw timestampFlaws.missing
  if (typeof value !== 'string') throw timestampFlaws.notText
  const time = parseInstant(value)
  if (time === undefined) throw timestampFlaws.bad
  if (time < 0) throw timestampFlaws.early
  return time
}

const duration = (event: Record<string, unknown>): number => {
  const value = event['duration_ms']
  if (value === undefined) throw durationFlaws.missing
  if (typeof value !== 'number') throw durationFlaws.notNumber
  if (isOutOfRange(value)) throw durationFlaws.outOfRange
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
  if (!isObject(event)) throw valueFlaws.notAnObject
  text(event, textRules.event_id)
  scanned.time = instant(event)
  hashId(scanned.user, text(event, textRules.user_id))
  hashId(scanned.session, text(event, textRules.session_id))
  scanned.eventType = typeOf(event)
  scanned.page = text(event, textRules.page_url)
  text(event, textRules.page_category)
  scanned.referrer = text(event, textRules.referrer)
  scanned.device = text(event, textRules.device_type)
  text(event, textRules.country)
  scanned.duration = duration(event)
  return scanned
}

/**
 * The exact reading of an event, and the meaning of any faster one: strict UTF-8, one JSON text (of repeated
 * keys the last counts), every field of ClickEvent there with its type and within its bounds. Other fields are
 * ignored. How far in the future an event may lie is not asked here: that needs a clock.
 */
export const scan: Scan = (value) => {
  if (value === null) return valueFlaws.tombstone.rejected
  const { stackTraceLimit } = Error
  // Nobody reads the stacks of those that JSON.parse makes.
  Error.stackTraceLimit = 0
  try {
    return read(value)
  } catch (error) {
    if (error instanceof Flaw) return error.rejected
    return valueFlaws.notJson.rejected
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
