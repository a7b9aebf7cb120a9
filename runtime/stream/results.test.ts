import assert from 'node:assert/strict'
import { test } from 'node:test'
import { malformed } from '../../test/inputs/malformed.ts'
import { Reading } from '../kernel/reading.ts'
import { scan as exact } from '../scan/exact.ts'
import { fastScan } from '../scan/fast.ts'
import type { Scan } from '../scan/scan.ts'
import { fetchedBatches } from '../testing/batches.ts'
import { eventText } from '../traffic/encode.ts'
import { randomFrom } from '../traffic/random.ts'
import { traffic } from '../traffic/traffic.ts'
import { Merge } from './merge.ts'
import { Task } from './task.ts'

const start = Date.UTC(2026, 0, 31, 23, 59, 50)
const count = 26_000

/** Twenty seconds of traffic over a midnight: out of order, spelled in many ways, broken, with too many pages. */
const stream = (): (Uint8Array | null)[] => {
  const random = randomFrom('results')
  const source = traffic({ seed: 'results', users: 500, rate: 1_300 })
  return Array.from({ length: count }, (_, index) => {
    const time = start + Math.floor((index * 20_000) / count)
    const event = source.next(time)
    const die = random.fraction()
    if (die < 0.02) event.timestamp = new Date(time - 9_000 * random.fraction()).toISOString()
    if (index >= 500 && index < 13_000) event.page_url = `/page/${index}`
    if (die > 0.99) return malformed[index % malformed.length]?.value ?? null
    if (die > 0.97) event.page_url = '/größe/"'
    if (die > 0.9) return Buffer.from(JSON.stringify(event, undefined, index % 3))
    return Buffer.from(eventText(event))
  })
}

/** Folds records, the first of which has this offset. */
type Fold = (task: Task, values: readonly (Uint8Array | null)[], at: { first: number; now: number }) => void

const oneByOne: Fold = (task, values, { first, now }) => {
  for (const [index, value] of values.entries())
    task.fold({ offset: first + index, timestamp: 0, key: null, value }, now)
}

const inBatches =
  ({ kernel }: Reading): Fold =>
  (task, values, { first, now }) => {
    const messages = values.map((value) => ({ key: null, value }))
    for (const batch of fetchedBatches(messages, first))
      kernel.read(batch, {
        visit: (rows) => task.foldRows(rows, now),
        rest: (record) => task.fold(record, now),
      })
  }

/** What is published of a stream, and why events were refused. */
const published = (values: readonly (Uint8Array | null)[], scan: Scan, fold: Fold = oneByOne) => {
  const window = { size: 10_000, slide: 10_000, created: 1, generation: 1 }
  const times = { slide: 10_000, grace: 2_000, idleTimeout: 5_000 }
  const task = new Task({
    topic: 'e',
    partition: 0,
    scan,
    window: times,
    position: undefined,
    start: 0,
    now: start,
  })
  const merge = new Merge({ pipeline: 'shop', window, partitions: [{ position: undefined, start: 0 }] })
  const results: string[] = []
  const reasons: string[] = []
  const write = (now: number): void => {
    const { panes = [], deadLetters = [] } = task.commit(now) ?? {}
    for (const { headers } of deadLetters) reasons.push(JSON.stringify(headers))
    for (const message of panes) merge.take(0, { offset: merge.next(0), timestamp: 0, ...message })
    while (merge.due()) results.push(...(merge.commit()?.results ?? []).map(({ text }) => text))
  }
  for (let first = 0; first < count; first += 500) {
    const now = start + Math.floor((first * 20_000) / count)
    fold(task, values.slice(first, first + 500), { first, now })
    write(now)
  }
  for (const later of [20_000, 60_000]) {
    task.fetched(start + later, { next: count, end: count })
    write(start + later)
  }
  return { results, reasons }
}

test('both scans and the kernel publish the same bytes, also where tables overflow', () => {
  const values = stream()
  const { results, reasons } = published(values, exact)
  assert.deepEqual(published(values, fastScan()), { results, reasons })
  const reading = new Reading()
  assert.deepEqual(published(values, reading.scan, inBatches(reading)), { results, reasons })
  assert.equal(results.length, 2)
  assert.ok(reasons.length > 200)
  assert.ok(results.some((text) => text.includes('"exact":false')))
  assert.ok(results.some((text) => text.includes('"exact":true')))
})
