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
const runs = Number(process.env['SCANS'] ?? 2_000)

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

  test('of every spelling, wherever it lies', () => {
    let fast = 0
    let all = 0
    fc.assert(
      fc.property(spelled, fc.constantFrom('', '"', '5}', '"}', ' \n}{"event_id":"'), (value, after) => {
        const span = amid(value, after)
        const expected = said(exact, spanOf(value))
        assert.equal(said(scan, span), expected)
        all += 1
        if (expected.startsWith('{"ok":true') && isFast(scan, span)) fast += 1
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
