import type { Rows } from '../runtime/kernel/kernel.ts'
import { Reading } from '../runtime/kernel/reading.ts'
import type { RecordBatch } from '../runtime/roles/log.ts'
import { scan as exact } from '../runtime/scan/exact.ts'
import { fastScan } from '../runtime/scan/fast.ts'
import type { Scan } from '../runtime/scan/scan.ts'
import { spanOf } from '../runtime/span.ts'
import { Task } from '../runtime/stream/task.ts'
import { fetchedBatches } from '../runtime/testing/batches.ts'
import type { Corpus } from './corpus.ts'
import { median } from './statistics.ts'

/** Records of one fetch. */
const fetchSize = 2_000

/** Reads all events, and folds them into a task if there is one. */
type Read = (corpus: Corpus, fold: Task | undefined) => void

/** Panes are closed and written as messages, as they would be after a fetch. */
const fetched = (task: Task, { start, rate, count }: Corpus, next: number): void => {
  const now = start + (next * 1_000) / rate
  task.fetched(now, { next, end: count })
  task.commit(now)
}

const oneByOne =
  (scan: Scan): Read =>
  (corpus, task) => {
    const { count, bytes, starts, start, rate } = corpus
    const span = spanOf(bytes)
    const record = { offset: 0, timestamp: 0, key: null, value: null, span }
    for (let index = 0; index < count; index += 1) {
      span.from = starts[index] ?? 0
      span.length = (starts[index + 1] ?? 0) - span.from
      record.offset = index
      if (task === undefined) scan(span)
      else task.fold(record, start + (index * 1_000) / rate)
      if (task !== undefined && (index + 1) % fetchSize === 0) fetched(task, corpus, index + 1)
    }
  }

const inBatches =
  ({ kernel, scan }: Reading, batches: readonly RecordBatch[]): Read =>
  (corpus, task) => {
    for (const batch of batches) {
      const next = batch.baseOffset + batch.count
      const now = corpus.start + (next * 1_000) / corpus.rate
      const left = (rows: Rows): void => {
        for (let row = 0; row < rows.count; row += 1)
          if (Number.isNaN(rows.columns.times[row])) scan(batch.record(batch.from).span ?? null)
      }
      const visit = task === undefined ? left : (rows: Rows) => task.foldRows(rows, now)
      kernel.read(batch, { visit, rest: () => undefined })
      if (task !== undefined) fetched(task, corpus, next)
    }
  }

const taskOf = ({ start }: Corpus, scan: Scan): Task =>
  new Task({
    topic: 'events',
    partition: 0,
    scan,
    window: { slide: 10_000, grace: 5_000, idleTimeout: 30_000 },
    position: undefined,
    start: 0,
    now: start,
  })

/** Nanoseconds of processor time for each event, all threads of the process together. */
const cost = (work: () => void, count: number): number => {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1_000) / count
}

const batchesOf = ({ count, bytes, starts }: Corpus): RecordBatch[] => {
  const messages = Array.from({ length: count }, (_, index) => ({
    key: null,
    value: bytes.subarray(starts[index], starts[index + 1]),
  }))
  return fetchedBatches(messages)
}

/** Processor time of one event by each reading, in nanoseconds: read alone, and read and folded. Medians of the turns. */
export const foldCost = (events: Corpus, turns: number) => {
  const fast = fastScan()
  const reading = new Reading()
  const readings = [
    { name: 'exact scan', scan: exact, read: oneByOne(exact) },
    { name: 'fast scan', scan: fast, read: oneByOne(fast) },
    { name: 'kernel', scan: reading.scan, read: inBatches(reading, batchesOf(events)) },
  ]
  const rows = readings.map((reading) => ({ ...reading, alone: [NaN], folded: [NaN] }))
  // The first turn warms up.
  for (let turn = 0; turn <= turns; turn += 1)
    for (const row of rows) {
      row.alone[turn] = cost(() => row.read(events, undefined), events.count)
      row.folded[turn] = cost(() => row.read(events, taskOf(events, row.scan)), events.count)
    }
  return rows.map(({ name, alone, folded }) => ({
    name,
    alone: median(alone.slice(1)),
    folded: median(folded.slice(1)),
  }))
}
