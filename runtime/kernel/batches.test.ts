import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clickEvent } from '../../test/inputs/event.ts'
import { eventTypes } from '../event.ts'
import { decodeBatches } from '../kafka/batch-decode.ts'
import type { LogRecord } from '../roles/log.ts'
import { scan as exact } from '../scan/exact.ts'
import { spanOf } from '../span.ts'
import { batchOf, fetchedBatches } from '../testing/batches.ts'
import { encode, said, taught } from '../testing/kernel.ts'
import * as at from './layout.ts'

const good = clickEvent()
const text = JSON.stringify(good)
const plain = taught(encode(good))

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
        const place = rows.place + (rows.columns.places[row] ?? NaN)
        const record: LogRecord = batch.record(place)
        const { offset, key, value: bytes } = record
        assert.equal(batch.baseOffset + (rows.columns.offsets[row] ?? NaN), offset)
        found.push([offset, !Number.isNaN(rows.columns.times[row]), key?.length, bytes?.length])
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
  const values = Array.from({ length: 2_500 }, (_, index) =>
    encode({
      ...good,
      timestamp: new Date(index).toISOString(),
      user_id: `user-${index}`,
      session_id: `session-${index}`,
      event_type: eventTypes[index % eventTypes.length],
      page_url: `/page-${index}`,
      referrer: `referrer-${index}`,
      device_type: `device-${index}`,
      duration_ms: index,
    }),
  )
  const events = fetchedBatches(values.map((value) => ({ key: null, value }))).flatMap((batch) =>
    said(plain, batch),
  )
  assert.equal(events.length, values.length)
  for (const [index, value] of values.entries()) assert.deepEqual(events[index], exact(spanOf(value)))
})

test('a batch in a region of the kernel is read where it lies, however long; there are regions for six brokers', () => {
  const kernel = taught(encode(good))
  const messages = Array.from({ length: 8_000 }, () => ({ key: null, value: encode(good) }))
  const bytes = Buffer.concat(fetchedBatches(messages).map((batch) => batch.bytes))
  assert.ok(bytes.length > at.copyBytes)
  const pairs = Array.from({ length: 7 }, () => kernel.regions())
  assert.deepEqual(
    pairs.map((pair) => pair !== undefined),
    [true, true, true, true, true, true, false],
  )
  for (const region of pairs.flatMap((pair) => pair ?? [])) {
    bytes.copy(region, region.length - bytes.length)
    const { batches } = decodeBatches(region.subarray(region.length - bytes.length), 0)
    const events = [...batches].flatMap((batch) => said(kernel, batch))
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
    visit: ({ place, columns }) => (second = place + (columns.places[1] ?? 0)),
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
