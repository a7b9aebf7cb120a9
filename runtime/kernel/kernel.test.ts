import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { clickEvent } from '../../test/inputs/event.ts'
import { malformed } from '../../test/inputs/malformed.ts'
import { spelled } from '../../test/inputs/spelling.ts'
import { eventTypes } from '../event.ts'
import { decodeBatches } from '../kafka/batch-decode.ts'
import type { LogRecord, RecordBatch } from '../roles/log.ts'
import { scan as exact } from '../scan/exact.ts'
import { templateOf } from '../scan/template.ts'
import { spanOf } from '../span.ts'
import { batchOf, fetchedBatches } from '../testing/batches.ts'
import { Kernel, type Rows } from './kernel.ts'
import * as at from './layout.ts'

/** Set it to look longer: `SCANS=1000000 node --test runtime/kernel/kernel.test.ts`. */
const runs = Number(process.env['SCANS'] ?? 1_000)

const good = clickEvent()
const text = JSON.stringify(good)
const encode = (value: unknown, space?: number): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(value, undefined, space))

/** A kernel that knows how these events are written. */
const taught = (...values: Uint8Array[]): Kernel => {
  const kernel = new Kernel(eventTypes)
  kernel.teach(
    values
      .map((value) => templateOf(Buffer.from(value).toString()))
      .filter((template) => template !== undefined),
  )
  return kernel
}

/** What a row says, in the words of a scan; undefined when it says nothing. */
const told = ({ words, times, names }: Rows, row: number) => {
  const time = times[(row * at.rowWords) / 2] ?? NaN
  const word = (number: number): number => words[row * at.rowWords + number] ?? NaN
  if (Number.isNaN(time)) return undefined
  return {
    ok: true,
    time,
    eventType: names.text(word(at.rowType)),
    user: { high: word(at.rowUser), low: word(at.rowUser + 1) },
    session: { high: word(at.rowSession), low: word(at.rowSession + 1) },
    page: names.text(word(at.rowPage)),
    referrer: names.text(word(at.rowReferrer)),
    device: names.text(word(at.rowDevice)),
    duration: word(at.rowDuration),
  }
}

/** What the kernel says of each record of a batch; `rest` of those that it could not take apart. */
const said = (kernel: Kernel, batch: RecordBatch) => {
  const events: (ReturnType<typeof told> | 'rest')[] = []
  kernel.read(batch, {
    visit: (rows) => events.push(...Array.from({ length: rows.count }, (_, row) => told(rows, row))),
    rest: () => events.push('rest'),
  })
  return events
}

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
    '1969-12-31T23:59:59Z',
    '0070-01-01T00:00:00Z',
    '\0'.repeat(16) + ':00Z',
  ])
    assert.deepEqual(said(plain, batchOf(encode({ ...good, timestamp }))), [undefined], timestamp)
})

test('records keep their offsets and places, with keys, headers and without values', () => {
  const value = encode(good)
  const messages = [
    { key: null, value },
    { key: Buffer.from('k'.repeat(200)), value: null, timestamp: 2 ** 50 },
    { key: Buffer.alloc(0), value, headers: { some: 'header' } },
    { key: null, value: Buffer.alloc(0) },
  ]
  const [batch] = fetchedBatches(messages, 40)
  assert.ok(batch)
  const found: unknown[] = []
  plain.read(batch, {
    visit(rows) {
      for (let row = 0; row < rows.count; row += 1) {
        const place = rows.place + (rows.words[row * at.rowWords + at.rowPlace] ?? NaN)
        const record: LogRecord = batch.record(place)
        const { offset, key, value: bytes } = record
        assert.equal(batch.baseOffset + (rows.words[row * at.rowWords + at.rowOffset] ?? NaN), offset)
        found.push([offset, told(rows, row) !== undefined, key?.length, bytes?.length])
      }
    },
    rest: () => assert.fail('all records can be taken apart'),
  })
  assert.deepEqual(found, [
    [40, true, undefined, value.length],
    [41, false, 200, undefined],
    [42, true, 0, value.length],
    [43, false, undefined, 0],
  ])
})

test('a batch of more records than rows is read to its end', () => {
  const messages = Array.from({ length: 2_500 }, (_, index) => ({
    key: null,
    value: encode({ ...good, duration_ms: index }),
  }))
  const durations = fetchedBatches(messages).flatMap((batch) =>
    said(plain, batch).map((event) => (typeof event === 'object' ? event.duration : undefined)),
  )
  assert.deepEqual(
    durations,
    Array.from({ length: 2_500 }, (_, index) => index),
  )
})

test('a batch in a region of the kernel is read where it lies, however long; there are regions for seven brokers', () => {
  const kernel = taught(encode(good))
  const messages = Array.from({ length: 8_000 }, () => ({ key: null, value: encode(good) }))
  const bytes = Buffer.concat(fetchedBatches(messages).map((batch) => batch.bytes))
  assert.ok(bytes.length > at.copyBytes)
  const pairs = Array.from({ length: 8 }, () => kernel.regions())
  assert.deepEqual(
    pairs.map((pair) => pair !== undefined),
    [true, true, true, true, true, true, true, false],
  )
  for (const region of pairs.flatMap((pair) => pair ?? [])) {
    bytes.copy(region, region.length - bytes.length)
    const { batches } = decodeBatches(region.subarray(region.length - bytes.length), 0)
    const events = batches.flatMap((batch) => said(kernel, batch))
    assert.equal(events.length, 8_000)
    assert.deepEqual(events.at(-1), exact(spanOf(encode(good))))
    region.fill(0)
  }
})

test('a batch that is too long to be copied is left to be shown record by record', () => {
  const [batch] = fetchedBatches([{ key: null, value: Buffer.alloc(at.copyBytes) }])
  assert.ok(batch)
  assert.deepEqual(said(plain, batch), ['rest'])
})

test('what follows a damaged record is left to be shown, which tells the damage', () => {
  const [batch] = fetchedBatches(Array.from({ length: 3 }, () => ({ key: null, value: encode(good) })))
  assert.ok(batch)
  let second = 0
  plain.read(batch, {
    visit: ({ place, words }) => (second = place + (words[at.rowWords + at.rowPlace] ?? 0)),
    rest: () => assert.fail('nothing is damaged yet'),
  })
  for (const length of [0x00, 0x01, 0x7e]) {
    batch.bytes[second] = length
    assert.throws(() => said(plain, batch), { reason: 'Corrupt' })
  }
})

test('more names than are remembered are forgotten together, and never mixed up', () => {
  const names = taught(encode(good))
  const pages = Array.from({ length: 60_000 }, (_, index) => `/page/${index % 40_000}`)
  const messages = pages.map((page) => ({ key: null, value: Buffer.from(text.replace('/home', page)) }))
  const events = fetchedBatches(messages).flatMap((batch) => said(names, batch))
  assert.equal(events.length, pages.length)
  let read = 0
  for (const [index, event] of events.entries()) {
    if (typeof event !== 'object') continue
    read += 1
    assert.equal(event.page, pages[index])
  }
  assert.ok(read > pages.length / 2, `only ${read} were read`)
  assert.deepEqual(said(names, batchOf(encode(good))), [exact(spanOf(encode(good)))])
})
