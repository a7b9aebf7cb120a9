import type { Reason } from '../../runtime/scan/reasons.ts'
import type { ClickEvent } from '../../runtime/event.ts'
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
  raw('ten thousand lists in each other', '['.repeat(10_000) + ']'.repeat(10_000), 'NotAnObject'),
  raw(
    'ten thousand objects in each other',
    '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000),
    'MissingField',
  ),
  raw('the colours of a terminal', goodText.replace('/home', '\u001b[31m/home'), 'NotJson'),
  raw('a page of HTML', '<!doctype html><script>alert(1)</script>', 'NotJson'),
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
  raw(
    'a key twice, the second time wrong',
    goodText.replace('{', '{"duration_ms":1,').replace(':120', ':"120"'),
    'WrongType',
  ),
  raw('an instant of 24 digits', goodText.replace(`"${good.timestamp}"`, '1'.repeat(24)), 'WrongType'),
  changed('an empty user', { user_id: '' }, 'Empty'),
  changed('an empty page', { page_url: '' }, 'Empty'),
  changed('a user of a kilobyte and one byte', { user_id: 'u'.repeat(1_025) }, 'TooLong'),
  changed('a user of wide characters', { user_id: 'ü'.repeat(600) }, 'TooLong'),
  changed('a user of ten kilobytes', { user_id: 'u'.repeat(10_000) }, 'TooLong'),
  changed('an event id of ten kilobytes', { event_id: 'e'.repeat(10_000) }, 'TooLong'),
  changed(
    'HTML and colours for a kind of event',
    { event_type: '<b>\u001b[31mclick</b>' },
    'UnknownEventType',
  ),
  changed('a kind of event that nobody knows', { event_type: 'hover' }, 'UnknownEventType'),
  changed('a kind of event named like a member', { event_type: 'constructor' }, 'UnknownEventType'),
  changed('a negative duration', { duration_ms: -1 }, 'OutOfRange'),
  changed('a duration of minus 1e300', { duration_ms: -1e300 }, 'OutOfRange'),
  raw('a duration of 24 digits', durationText('1'.repeat(24)), 'OutOfRange'),
  changed('half a millisecond', { duration_ms: 0.5 }, 'OutOfRange'),
  changed('a duration of centuries', { duration_ms: 1e13 }, 'OutOfRange'),
  raw('a number past all numbers', durationText('1e400'), 'OutOfRange'),
  changed('an instant without a zone', { timestamp: '2026-01-31T23:59:59' }, 'BadTimestamp'),
  changed('an instant of another zone', { timestamp: '2026-01-31T23:59:59+02:00' }, 'BadTimestamp'),
  changed('24 digits for an instant', { timestamp: '2'.repeat(24) }, 'BadTimestamp'),
  changed('24 digits of a second', { timestamp: `2026-01-31T23:59:59.${'1'.repeat(24)}Z` }, 'BadTimestamp'),
  changed('a leap second', { timestamp: '2016-12-31T23:59:60Z' }, 'BadTimestamp'),
  changed('an instant of Nepal', { timestamp: '2026-01-31T23:59:59+05:45' }, 'BadTimestamp'),
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

/** What looks bad and is good: events of this instant that are counted as any other. */
export const unusual = (timestamp: string): readonly { name: string; value: Uint8Array }[] => {
  const text = JSON.stringify({ ...good, timestamp })
  const event = (name: string, changes: Partial<ClickEvent>) => ({
    name,
    value: encoder.encode(JSON.stringify({ ...good, timestamp, ...changes })),
  })
  const spelled = (name: string, spelling: string) => ({ name, value: encoder.encode(spelling) })
  return [
    event('HTML for a page', { page_url: '/<script>alert(1)</script>' }),
    event('the colours of a terminal, escaped', { page_url: '/\u001b[31mred', referrer: '\u0007' }),
    event('a page like a member of every object', { page_url: '__proto__' }),
    event('a device that reads from right to left', { device_type: '\u202emobile' }),
    spelled('a key twice', text.replace('{', '{"page_url":"/first",')),
    spelled(
      'a field of ten thousand lists',
      text.replace('{', `{"x":${'['.repeat(10_000)}${']'.repeat(10_000)},`),
    ),
    spelled('a duration with an exponent', text.replace(':120', ':1.2e2')),
    spelled('spaces and line ends', text.replaceAll(',"', ',\r\n\t "')),
  ]
}
