import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { clickEvent } from '../../test/inputs/event.ts'
import { malformed } from '../../test/inputs/malformed.ts'
import { spelled } from '../../test/inputs/spelling.ts'
import { scan as exact } from '../scan/exact.ts'
import { templateOf } from '../scan/template.ts'
import { spanOf } from '../span.ts'
import { batchOf } from '../testing/batches.ts'
import { encode, said, taught } from '../testing/kernel.ts'
import type { Kernel } from './kernel.ts'
import * as at from './layout.ts'

/** Set it to look longer: `SCANS=1000000 node --test runtime/kernel/kernel.test.ts`. */
const runs = Number(process.env['SCANS'] ?? 1_000)

const good = clickEvent()
const text = JSON.stringify(good)
const kernel = taught(encode(good), encode(good, 1))

/** Whether the kernel read it; if so, it must say what the exact scan says. */
const agrees = (by: Kernel, value: Uint8Array): boolean => {
  const [event] = said(by, batchOf(value))
  if (event === undefined) return false
  const { ok, ...expected } = exact(spanOf(value))
  assert.deepEqual(event, { ok: true, ...expected }, Buffer.from(value).toString())
  return ok
}

describe('the kernel reads what the exact scan accepts, as that does, or leaves it', () => {
  for (const { name, value } of malformed)
    test(name, () => {
      if (value === null || value.length > at.copyBytes)
        assert.deepEqual(said(kernel, batchOf(value)), [undefined])
      else agrees(kernel, value)
    })

  test('an event with any byte replaced, doubled or left out', () => {
    let read = 0
    for (let place = 0; place < text.length; place += 1) {
      const cut = (to: number, more: string, from: number) =>
        agrees(kernel, Buffer.from(text.slice(0, to) + more + text.slice(from)))
      for (const other of ['0', '8', '"', '\\', '\u0001', ' ', '}', 'ü'])
        read += Number(cut(place, other, place + 1))
      cut(place, '', place + 1)
      cut(place + 1, '', place)
      cut(place, '', text.length)
    }
    assert.ok(read > 200, `only ${read} were read`)
  })

  test('every byte at each place of a text', () => {
    const page = text.indexOf('/home')
    let read = 0
    for (let byte = 0; byte < 256; byte += 1)
      for (let place = 0; place < 5; place += 1) {
        const bytes = Buffer.from(text)
        bytes[page + place] = byte
        read += Number(agrees(kernel, bytes))
      }
    assert.equal(read, 5 * (0x80 - 0x20 - 2))
  })

  test('every spelling', () => {
    let all = 0
    let read = 0
    fc.assert(
      fc.property(spelled, (value) => {
        const template = templateOf(Buffer.from(value).toString())
        if (template !== undefined && exact(spanOf(value)).ok) kernel.teach([template])
        const { ok } = exact(spanOf(value))
        all += 1
        if (agrees(kernel, value)) read += 1
        else if (ok && template !== undefined) assert.ok(!isPlain(value), Buffer.from(value).toString())
      }),
      { numRuns: runs },
    )
    assert.ok(read > all / 10, `only ${read} of ${all} were read`)
    kernel.teach([])
  })
})

/** Whether nothing keeps the kernel from reading an event of a template that it knows: then it must. */
const isPlain = (value: Uint8Array): boolean => {
  const event = JSON.parse(Buffer.from(value).toString()) as Record<string, unknown>
  const isShort = (name: string) => String(event[name]).length <= at.longestName
  return (
    /^[\n -~]*$/.test(Buffer.from(value).toString()) &&
    ['page_url', 'referrer', 'device_type'].every(isShort) &&
    value.length < 10_000
  )
}

const plain = taught(encode(good))

test('every minute of a leap year and of three other years reads as Date writes it', () => {
  for (const year of [1970, 2_000, 2_026, 2_100])
    for (let day = 0; day < 366; day += 1) {
      const time = Date.UTC(year, 0, 1 + day, day % 24, (7 * day) % 60, day % 60, day)
      const [event] = said(plain, batchOf(encode({ ...good, timestamp: new Date(time).toISOString() })))
      assert.ok(event !== undefined && event !== 'rest')
      assert.equal(event.time, time)
    }
})

test('a duration of any number of digits', () => {
  const numbers = ['0', '00', '01', '7', '10', '00000000', '012345678', '604800000', '604800001', '']
  for (let digits = '1'; digits.length < 12; digits += (digits.length + 1) % 10) numbers.push(digits)
  for (const number of numbers)
    agrees(plain, Buffer.from(text.replace(/"duration_ms":\d+/, `"duration_ms":${number}`)))
  for (const duration_ms of [0, 9, 98, 987, 9_876, 98_765, 987_654, 9_876_543, 98_765_432, 604_800_000])
    assert.ok(agrees(plain, encode({ ...good, duration_ms })), String(duration_ms))
})

test('days and times that do not exist are left to the exact scan', () => {
  for (const timestamp of [
    '2026-02-29T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-13-10T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-32T00:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T23:60:00Z',
    '2026-01-31T23:59:60Z',
    '2026-01-31T23:59:60.000Z',
    '2026-01-31T23:59:5:.000Z',
    '2026-01-31T23:59:59.12:Z',
    '2026-01-31T23:59:59.1/3Z',
    '1969-12-31T23:59:59Z',
    '0070-01-01T00:00:00Z',
    '\0'.repeat(16) + ':00Z',
  ])
    assert.deepEqual(said(plain, batchOf(encode({ ...good, timestamp }))), [undefined], timestamp)
})
