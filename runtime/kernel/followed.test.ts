import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clickEvent } from '../../test/inputs/event.ts'
import { malformed } from '../../test/inputs/malformed.ts'
import type { RecordBatch } from '../roles/log.ts'
import { scan as exact } from '../scan/exact.ts'
import { fastScan } from '../scan/fast.ts'
import { spanOf } from '../span.ts'
import { fetchedBatches } from '../testing/batches.ts'
import { encode } from '../testing/kernel.ts'
import { followedIn } from './followed.ts'
import type { Rows } from './kernel.ts'
import { mostRows } from './layout.ts'
import { Reading } from './reading.ts'

const good = clickEvent()
const text = JSON.stringify(good)
const reordered = Object.fromEntries(Object.entries(good).toReversed())

const learned = (): Reading => {
  const reading = new Reading()
  for (const value of [encode(good), encode(good, 1), encode(reordered)]) reading.scan(spanOf(value))
  return reading
}

/** What the kernel has followed through each value, and what is said of it from there on. */
const told = (reading: Reading, values: readonly (Uint8Array | null)[]) => {
  const all: { values: number; said: unknown }[] = []
  const each = (batch: RecordBatch): void =>
    reading.kernel.read(batch, {
      visit(rows) {
        for (let row = 0; row < rows.count; row += 1) {
          const followed = followedIn(rows, row)
          const record = batch.record(rows.place + (rows.columns.places[row] ?? NaN))
          all.push({
            values: followed?.values ?? 0,
            said: structuredClone(reading.scan(record.span ?? null, followed)),
          })
        }
      },
      rest: () => assert.fail('all records can be taken apart'),
    })
  for (const batch of fetchedBatches(values.map((value) => ({ key: null, value })))) each(batch)
  return all
}

const said = (value: Uint8Array | null): unknown => exact(value === null ? null : spanOf(value))

test('from where the kernel has stopped a value is refused for the reason of the exact scan', () => {
  const values = malformed.map(({ value }) => value).filter((value) => (value?.length ?? 0) < 500_000)
  for (const [index, { said: one }] of told(learned(), values).entries())
    assert.deepEqual(one, said(values[index] ?? null), malformed[index]?.name)
})

test('so is an event, and one with a flaw, with any byte replaced, doubled or left out, in each order of its fields', () => {
  const values: Buffer[] = []
  const flawed = JSON.stringify({ ...good, user_id: null })
  for (const whole of [text, JSON.stringify(good, undefined, 1), JSON.stringify(reordered), flawed])
    for (let place = 0; place < whole.length; place += 1) {
      for (const other of ['', '0', '"', '\\', '\u0001', ' ', '}', 'ü', 'x', whole[place]?.repeat(2) ?? ''])
        values.push(Buffer.from(whole.slice(0, place) + other + whole.slice(place + 1)))
      values.push(Buffer.from(whole.slice(0, place)))
    }
  for (const more of ['x', '}', ',', ' x', '"'])
    values.push(Buffer.from(text + more), Buffer.from(flawed + more))
  const all = told(learned(), values)
  for (const [index, { said: one }] of all.entries())
    assert.deepEqual(one, said(values[index] ?? null), values[index]?.toString())
  const far = all.filter(({ values }) => values > 3)
  assert.ok(far.length > values.length / 4, `only ${far.length} of ${values.length} were followed far`)
})

test('a producer that is new in a batch is learned once, though the kernel has read on without it', () => {
  const templates: number[] = []
  const scan = fastScan((all) => templates.push(all.length))
  scan(spanOf(encode(good)))
  const nothing = { fields: new Uint8Array(0), values: 0, at: Infinity }
  for (let round = 0; round < 3; round += 1) assert.ok(scan(spanOf(encode(reordered)), nothing).ok)
  assert.deepEqual(templates, [1, 2])
})

test('whether the rest fits is told of the template that was followed, and of no other that was taught since', () => {
  const reading = learned()
  const value = Buffer.from(text.replace(`"${good.user_id}"`, 'null'))
  const place = value.indexOf('"session_id":') + '"session_id":'.length
  const sessions = Object.keys(good).indexOf('session_id')
  const fits: unknown[] = []
  for (const batch of fetchedBatches([{ key: null, value }])) {
    const visit = (rows: Rows): void => {
      const followed = followedIn(rows, 0)
      const { span } = batch.record(batch.from)
      assert.ok(followed?.fits && span)
      const at = (from: number) => followed.fits?.(sessions, span.from + from, span.from + span.length)
      fits.push(at(place), at(place + 1))
      reading.kernel.teach([...rows.templates])
      fits.push(at(place))
    }
    reading.kernel.read(batch, { visit, rest: () => assert.fail('it can be taken apart') })
  }
  assert.deepEqual(fits, [true, false, false])
})

test('what is only tried leaves all rows as they are', () => {
  const reading = learned()
  const value = Buffer.from(text.replace(`"${good.user_id}"`, 'null'))
  const other = { ...good, session_id: 'other', page_url: '/other', referrer: 'other', device_type: 'other' }
  const messages = Array.from({ length: mostRows }, (_, row) => ({
    key: null,
    value: row === 0 ? value : encode({ ...other, duration_ms: row }),
  }))
  let tried = 0
  const visit = (rows: Rows): void => {
    const columns: (Int32Array | Float64Array)[] = Object.values({ ...rows.columns })
    const before = columns.map((column) => column.slice())
    const { ok } = reading.scan(rows.batch.record(rows.place).span ?? null, followedIn(rows, 0))
    if (!ok) tried += 1
    assert.deepEqual(columns, before)
  }
  for (const batch of fetchedBatches(messages))
    reading.kernel.read(batch, { visit, rest: () => assert.fail('all records can be taken apart') })
  assert.equal(tried, 1)
})
