import * as fc from 'fast-check'
import { clickEvent } from './event.ts'

/** Events as bytes in every spelling, right and wrong: the inputs on which two scans must agree. */

const encoder = new TextEncoder()
const keys = Object.keys(clickEvent())
const surrogates = { first: 0xd800, count: 0x800 }

const plain = fc.constantFrom(
  '/home',
  'a',
  'mobile',
  'google.com',
  'user_17',
  'sess_0123456789abcdef',
  'x'.repeat(64),
)
/** As `fc.string({ unit: 'binary' })` draws them, which takes a second to begin with. */
const codePoint = fc
  .nat({ max: 0x10_ffff - surrogates.count })
  .map((nth) => (nth < surrogates.first ? nth : nth + surrogates.count))
const odd = fc.oneof(
  fc.constantFrom('', 'ü', '\u{1f600}', '"', '\\', '\n', '\u007f', '\u2028', '\ud800', 'constructor'),
  fc.constantFrom(
    ...[255, 256, 257, 1_023, 1_024, 1_025, 4_095, 4_096, 4_097].map((size) => 'y'.repeat(size)),
  ),
  fc.array(codePoint, { maxLength: 9 }).map((points) => String.fromCodePoint(...points)),
)
const quoted = (text: fc.Arbitrary<string>) => text.map((content) => JSON.stringify(content))

const digits = (most: number) => fc.nat({ max: most }).map((number) => String(number).padStart(2, '0'))
const instant = fc
  .record({
    date: fc.constantFrom(
      '2026-01-31',
      '2024-02-29',
      '2026-02-29',
      '1969-12-31',
      '0000-01-01',
      '9999-12-31',
      '2026-1-31',
    ),
    time: fc.tuple(digits(24), digits(60), digits(61)).map((parts) => parts.join(':')),
    fraction: fc.constantFrom('', '.', '.1', '.12', '.123', '.123456', '.123456789', '.1234567890', ',5'),
    zone: fc.constantFrom('Z', '+00:00', '-00:00', '+01:00', 'z', ''),
    between: fc.constantFrom('T', 'T', 'T', ' ', 't'),
  })
  .map(({ date, time, fraction, zone, between }) => `"${date}${between}${time}${fraction}${zone}"`)
const number = fc.oneof(
  fc.nat({ max: 99_999 }).map(String),
  fc.constantFrom('0', '-0', '00', '007', '1e2', '1.0', '1E+2', '0.5', '-1', '+1', '1_0', '.5', '5.', '0x1f'),
  fc.constantFrom(
    '604799999',
    '604800000',
    '604800001',
    '0604800000',
    '9007199254740993',
    '1e400',
    'NaN',
    'null',
  ),
)

const type = fc.constantFrom('page_view', 'click', 'add_to_cart', 'purchase', 'search')
/** Nearly all values are plain, or too few events would be. */
const value = (key: string): fc.Arbitrary<string> => {
  const usual: fc.Arbitrary<string> =
    key === 'timestamp'
      ? fc.constantFrom(
          '"2026-01-31T23:59:59.123456Z"',
          '"2026-02-01T00:00:00.5+00:00"',
          '"2026-02-01T00:00:00Z"',
        )
      : key === 'duration_ms'
        ? fc.constantFrom('120', '0', '7', '123456')
        : quoted(key === 'event_type' ? type : plain)
  const unusual = key === 'timestamp' ? instant : key === 'duration_ms' ? number : quoted(odd)
  const wrong = fc.constantFrom('null', 'true', '[]', '{"a":"b"}', '12', '"12"', '""', '')
  return fc.oneof(
    { weight: 200, arbitrary: usual },
    { weight: 10, arbitrary: unusual },
    { weight: 2, arbitrary: wrong },
  )
}
const values = fc.record(Object.fromEntries(keys.map((key) => [key, value(key)])))

/** Orders of the keys that producers have. */
const orders = [keys, keys.toSorted(), keys.toReversed()]
const order: fc.Arbitrary<readonly string[]> = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...orders) },
  { weight: 1, arbitrary: fc.shuffledSubarray(keys, { minLength: keys.length - 1 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom([...keys, 'page_url'], [...keys, 'other'], ['__proto__', ...keys]),
  },
)
/** What stands after the opening brace, colons, commas, and around the whole. */
const spacing = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(['', '', '', ''], ['', ' ', ' ', ''], ['\n  ', ' ', '\n  ', '\n']),
  },
  {
    weight: 1,
    arbitrary: fc.array(fc.constantFrom('', ' ', '\t', '\r\n', '\v', '\u00a0'), {
      minLength: 4,
      maxLength: 4,
    }),
  },
)

const text = fc
  .record({ values, order, spacing })
  .map(({ values, order, spacing: [open, colon, comma, around] }) => {
    const members = order.map((key) => `${JSON.stringify(key)}:${colon}${values[key] ?? '"more"'}`)
    return `${around}{${open}${members.join(`,${comma}`)}${open}}${around}`
  })

const byte = fc.oneof(
  fc.nat({ max: 255 }),
  fc.constantFrom(...encoder.encode('"\\{}[]:, \n\u0000\u00c2\u007fuZ.-0T')),
)
const change = fc.record({
  kind: fc.constantFrom('flip', 'insert', 'delete', 'cut', 'repeat'),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  byte,
})

const changed = (
  bytes: Uint8Array,
  { kind, at, byte }: { kind: string; at: number; byte: number },
): Uint8Array => {
  const place = Math.floor(at * bytes.length)
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)]
  if (kind === 'flip') return Uint8Array.of(...before, byte, ...after.subarray(1))
  if (kind === 'insert') return Uint8Array.of(...before, byte, ...after)
  if (kind === 'delete') return Uint8Array.of(...before, ...after.subarray(1))
  return kind === 'cut' ? before : Uint8Array.of(...before, ...after, ...after)
}

/** Good and bad events, about half of them good, as the bytes of a value. */
export const spelled: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    text,
    fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(change, { minLength: 1, maxLength: 3 }) },
    ),
  )
  .map(([text, changes]) => changes.reduce(changed, encoder.encode(text)))
