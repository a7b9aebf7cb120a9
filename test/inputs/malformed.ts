import type { Reason } from '../../runtime/scan/reasons.ts'
import { clickEvent } from './event.ts'

/** Values that are no events, each with the reason that its dead letter must give. */
export interface Malformed {
  name: string
  value: Uint8Array | null
  reason: Reason
}

const encoder = new TextEncoder()
const good = clickEvent()
const goodText = JSON.stringify(good)

const raw = (name: string, text: string, reason: Reason): Malformed => ({
  name,
  value: encoder.encode(text),
  reason,
})

/** The good event with some fields replaced; undefined removes one. */
const changed = (name: string, changes: Record<string, unknown>, reason: Reason): Malformed =>
  raw(name, JSON.stringify({ ...good, ...changes }), reason)

/** The good event's text with `duration_ms` replaced by this JSON. */
const durationText = (json: string): string =>
  goodText.replace(`"duration_ms":${good.duration_ms}`, `"duration_ms":${json}`)

const bytes = (name: string, value: number[], reason: Reason): Malformed => ({
  name,
  value: Uint8Array.from(value),
  reason,
})

const shapes: Malformed[] = [
  { name: 'a tombstone', value: null, reason: 'Tombstone' },
  bytes('no bytes at all', [], 'NotJson'),
  raw('words', 'hello, world', 'NotJson'),
  raw('an event cut in the middle', goodText.slice(0, goodText.length / 2), 'NotJson'),
  raw('an event and a comma', `${goodText},`, 'NotJson'),
  raw('two events', `${goodText}\n${goodText}`, 'NotJson'),
  raw('single quotes', goodText.replaceAll('"', "'"), 'NotJson'),
  raw('a byte order mark', `\uFEFF${goodText}`, 'NotJson'),
  raw('a raw control character inside a text', goodText.replace('/home', '/ho\u0001me'), 'NotJson'),
  raw('a duration that is not a number', durationText('NaN'), 'NotJson'),
  raw('a duration with a leading zero', durationText('007'), 'NotJson'),
  bytes('bytes that are not UTF-8', [0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d], 'NotUtf8'),
  bytes('an overlong encoding', [0x22, 0xc0, 0xaf, 0x22], 'NotUtf8'),
  bytes('a surrogate in UTF-8', [0x22, 0xed, 0xa0, 0x80, 0x22], 'NotUtf8'),
  raw('half of an escaped surrogate pair', goodText.replace('/home', String.raw`/\ud800`), 'NotUtf8'),
  bytes('a gzip header', [0x1f, 0x8b, 0x08, 0x00], 'NotUtf8'),
  raw('null', 'null', 'NotAnObject'),
  raw('a number', '42', 'NotAnObject'),
  raw('a text', '"event"', 'NotAnObject'),
  raw('a list of events', `[${goodText}]`, 'NotAnObject'),
  raw('a hundred thousand opening brackets', '['.repeat(100_000), 'NotJson'),
  raw('a megabyte of nothing', ' '.repeat(1_000_000), 'NotJson'),
  changed('a megabyte of page', { page_url: `/${'x'.repeat(999_000)}` }, 'TooLong'),
]

const fields: Malformed[] = [
  raw('no fields', '{}', 'MissingField'),
  raw('the event in another object', `{"event":${goodText}}`, 'MissingField'),
  raw('the fields in __proto__', `{"__proto__":${goodText}}`, 'MissingField'),
  ...Object.keys(good).map((name) => changed(`no ${name}`, { [name]: undefined }, 'MissingField')),
  ...Object.keys(good).map((name) => changed(`${name} is null`, { [name]: null }, 'WrongType')),
  changed('a number as a string', { duration_ms: '120' }, 'WrongType'),
  changed('a user that is a number', { user_id: 7 }, 'WrongType'),
  changed('a page that is a list', { page_url: ['/home'] }, 'WrongType'),
  changed('a device that is an object', { device_type: { name: 'mobile' } }, 'WrongType'),
  changed('an instant in numbers', { timestamp: 1_769_903_999_000 }, 'WrongType'),
  changed('an empty user', { user_id: '' }, 'Empty'),
  changed('an empty page', { page_url: '' }, 'Empty'),
  changed('a user of a kilobyte and one byte', { user_id: 'u'.repeat(1_025) }, 'TooLong'),
  changed('a user of wide characters', { user_id: 'ü'.repeat(600) }, 'TooLong'),
  changed('a kind of event that nobody knows', { event_type: 'hover' }, 'UnknownEventType'),
  changed('a kind of event named like a member', { event_type: 'constructor' }, 'UnknownEventType'),
  changed('a negative duration', { duration_ms: -1 }, 'OutOfRange'),
  changed('half a millisecond', { duration_ms: 0.5 }, 'OutOfRange'),
  changed('a duration of centuries', { duration_ms: 1e13 }, 'OutOfRange'),
  raw('a number past all numbers', durationText('1e400'), 'OutOfRange'),
  changed('an instant without a zone', { timestamp: '2026-01-31T23:59:59' }, 'BadTimestamp'),
  changed('an instant of another zone', { timestamp: '2026-01-31T23:59:59+02:00' }, 'BadTimestamp'),
  changed('the 30th of February', { timestamp: '2026-02-30T00:00:00Z' }, 'BadTimestamp'),
  changed('a date alone', { timestamp: '2026-01-31' }, 'BadTimestamp'),
  changed('the year before the epoch', { timestamp: '1969-12-31T23:59:59Z' }, 'OutOfRange'),
]

/** Refused whatever the time is: by the bytes alone. */
export const unreadable: readonly Malformed[] = [...shapes, ...fields]

/** All kinds; the year 3000 needs a clock to be refused. */
export const malformed: readonly Malformed[] = [
  ...unreadable,
  changed('the year 3000', { timestamp: '3000-01-01T00:00:00Z' }, 'TooFarInFuture'),
]
