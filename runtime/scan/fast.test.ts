import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { clickEvent } from '../../test/inputs/event.ts'
import { malformed } from '../../test/inputs/malformed.ts'
import { spelled } from '../../test/inputs/spelling.ts'
import { type Span, spanOf } from '../span.ts'
import { scan as exact } from './exact.ts'
import { fastScan } from './fast.ts'
import type { Scan } from './scan.ts'

/** Set it to look longer: `SCANS=1000000 node --test runtime/scan/fast.test.ts`. */
const runs = Number(process.env['SCANS'] ?? 1_000)

const good = clickEvent()
const encode = (value: unknown, space?: number): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(value, undefined, space))
const reversed = Object.fromEntries(Object.entries(good).toReversed())

/** The value as it lies in a fetch: other bytes before it and after it. */
const amid = (value: Uint8Array, after: string): Span => {
  const bytes = Buffer.concat([Buffer.from('  {"'), value, Buffer.from(after)])
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), from: 4, length: value.length }
}

/** What a scan says, to be compared: the objects are used again. */
const said = (scan: Scan, value: Span | null): string => JSON.stringify(scan(value))

/** A scan's valid events are one object, so another one tells that the exact scan was not asked. */
const isFast = (scan: Scan, value: Span): boolean => scan(value) !== exact(value)

describe('the fast scan says what the exact one says', () => {
  const scan = fastScan()
  for (const event of [good, reversed]) for (const space of [0, 1]) scan(spanOf(encode(event, space)))

  for (const { name, value } of malformed)
    test(name, () => {
      if (value === null) assert.equal(said(scan, null), said(exact, null))
      else
        for (const after of ['', '"}   ', '0'])
          assert.equal(said(scan, amid(value, after)), said(exact, spanOf(value)))
    })

  const text = JSON.stringify(good)
  const agrees = (value: string | Uint8Array): void => {
    const bytes = Buffer.from(value)
    scan(spanOf(encode(good)))
    assert.equal(said(scan, amid(bytes, '"}')), said(exact, spanOf(bytes)), bytes.toString())
  }

  test('of an event with any byte replaced, doubled or left out', () => {
    for (let at = 0; at < text.length; at += 1) {
      for (const other of ['0', '8', '"', '\\', '\u0001', ' ', '}', 'ü'])
        agrees(text.slice(0, at) + other + text.slice(at + 1))
      agrees(text.slice(0, at) + text.slice(at + 1))
      agrees(text.slice(0, at + 1) + text.slice(at))
      agrees(text.slice(0, at))
    }
  })

  test('of every byte inside a text, at each place of a word', () => {
    const page = text.indexOf('/home')
    for (let byte = 0; byte < 256; byte += 1)
      for (let place = 0; place < 5; place += 1) {
        const bytes = Buffer.from(text)
        bytes[page + place] = byte
        agrees(bytes)
      }
  })

  test('of instants and numbers at their bounds', () => {
    for (const end of [
      ':60Z',
      ':59Z',
      ':59+00:01',
      ':59+00:00',
      ':59-00:00',
      ':5Z',
      ':59.Z',
      ':59.1Z',
      ':59.12Z',
    ])
      agrees(text.replace(':59.123456Z', end))
    for (const part of ['1969-12-31', '2026-02-29', '2024-02-29', '9999-12-31', '2026-13-01', '0000-01-01'])
      agrees(text.replace('2026-01-31', part))
    for (const time of ['24:00:00', '23:60:00', '00:00:00', '23:59:00.999999999', '23:58:00.9999999999'])
      agrees(text.replace('23:59:59.123456', time))
    for (const number of [
      '604800000',
      '604800001',
      '999999999',
      '1000000000',
      '00',
      '0',
      '-0',
      '1e2',
      '1.0',
      '',
    ])
      agrees(text.replace(':120', `:${number}`))
  })

  test('of every spelling, wherever it lies', () => {
    let fast = 0
    let all = 0
    fc.assert(
      fc.property(spelled, fc.constantFrom('', '"', '5}', '"}', ' \n}{"event_id":"'), (value, after) => {
        const span = amid(value, after)
        const expected = said(exact, spanOf(value))
        assert.equal(said(scan, span), expected)
        // One that has just learned this event's template, so that what can be read fast is.
        const taught = fastScan()
        taught(span)
        assert.equal(said(taught, span), expected)
        all += 1
        if (expected.startsWith('{"ok":true') && isFast(taught, span)) fast += 1
      }),
      { numRuns: runs },
    )
    assert.ok(fast > all / 10, `only ${fast} of ${all} were read fast`)
  })
})

test('the second event of any producer is read fast: other orders of keys, other spacing', () => {
  for (const event of [good, reversed])
    for (const space of [0, 1, 2]) {
      const scan = fastScan()
      assert.equal(isFast(scan, spanOf(encode(event, space))), false)
      assert.equal(isFast(scan, spanOf(encode({ ...event, duration_ms: 7, page_url: '/cart' }, space))), true)
    }
})

test('eight producers are read fast beside each other, and a new one takes a place in time', () => {
  const scan = fastScan()
  const producers = [0, 1, 2, 3, 4, 5, 6, 7].map((space) => spanOf(encode(good, space)))
  for (const value of producers) scan(value)
  for (const value of producers) assert.equal(isFast(scan, value), true)
  const ninth = spanOf(encode(reversed))
  for (let time = 0; time < 300; time += 1) scan(ninth)
  assert.equal(isFast(scan, ninth), true)
})

test('what is unusual is left to the exact scan, also after its like was read fast', () => {
  const scan = fastScan()
  scan(spanOf(encode(good)))
  for (const changes of [
    { page_url: '/ü' },
    { referrer: 'a"b' },
    { country: 'x'.repeat(257) },
    { duration_ms: 0.5 },
  ]) {
    assert.equal(isFast(scan, spanOf(encode(good))), true)
    assert.equal(
      said(scan, spanOf(encode({ ...good, ...changes }))),
      said(exact, spanOf(encode({ ...good, ...changes }))),
    )
  }
})

test('more names than are remembered are read right, those that share a place too', () => {
  const scan = fastScan()
  for (let turn = 0; turn < 2; turn += 1)
    for (let page = 0; page < 40_000; page += 7) {
      const result = scan(spanOf(encode({ ...good, page_url: `/page/${page}` })))
      assert.ok(result.ok)
      assert.equal(result.page, `/page/${page}`)
    }
})

test('two names whose hashes are the same stay two names', () => {
  const mixed = (hash: number, word: number): number => {
    const product = Math.imul(hash ^ word, 0x9e3779b1)
    return product ^ (product >>> 15)
  }
  const first = Math.imul(8 << 24, 0x9e3779b1)
  const name = (one: number, two: number): string => {
    const bytes = Buffer.alloc(8)
    bytes.writeInt32LE(one, 0)
    bytes.writeInt32LE(two, 4)
    return bytes.toString('latin1')
  }
  const home = Buffer.from('/home/de')
  const [one, two] = [home.readInt32LE(0), home.readInt32LE(4)]
  // Whatever the first half is, some second half gives the same hash; one in about fifty is printable.
  const others = Array.from({ length: 9_000 }, (_, index) => {
    const half = Buffer.from(String(index + 1_000)).readInt32LE(0)
    return name(half, two ^ mixed(first, one) ^ mixed(first, half))
  }).filter((text) => /^[\w/]{8}$/.test(text))
  assert.ok(others.length > 0)
  const scan = fastScan()
  for (const page of ['/home/de', ...others, '/home/de']) {
    const result = scan(spanOf(encode({ ...good, page_url: page })))
    assert.ok(result.ok)
    assert.equal(result.page, page)
  }
})
