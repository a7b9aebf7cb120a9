import { scan as exact } from '../runtime/scan/exact.ts'
import { fastScan } from '../runtime/scan/fast.ts'
import type { Scan } from '../runtime/scan/scan.ts'
import { spanOf } from '../runtime/span.ts'
import { Task } from '../runtime/stream/task.ts'
import { type Corpus, corpus } from './corpus.ts'
import { median } from './statistics.ts'

/**
 * What one event costs a task, without Kafka: `make bench-fold`. The exact scan is measured beside the fast one, in
 * turns, as the machine may be slower at one time than at another: compare what stands in one table.
 */

/** Records of one fetch. */
const fetchSize = 2_000

const scanAll = (scan: Scan, { count, bytes, starts }: Corpus): void => {
  const span = spanOf(bytes)
  for (let index = 0; index < count; index += 1) {
    span.from = starts[index] ?? 0
    span.length = (starts[index + 1] ?? 0) - span.from
    scan(span)
  }
}

/** Folds all events; when asked, panes are also closed and written as messages, as they would be. */
const foldAll = (scan: Scan, { count, bytes, starts, start, rate }: Corpus, close: boolean): void => {
  const window = { slide: 10_000, grace: 5_000, idleTimeout: 30_000 }
  const task = new Task({
    topic: 'events',
    partition: 0,
    scan,
    window,
    position: undefined,
    start: 0,
    now: start,
  })
  const span = spanOf(bytes)
  const record = { offset: 0, timestamp: 0, key: null, value: null, span }
  for (let index = 0; index < count; index += 1) {
    const now = start + (index * 1_000) / rate
    span.from = starts[index] ?? 0
    span.length = (starts[index + 1] ?? 0) - span.from
    record.offset = index
    task.fold(record, now)
    if ((index + 1) % fetchSize !== 0) continue
    task.fetched({ now, next: index + 1, end: count })
    if (close) task.commit(now)
  }
}

const works: Record<string, (scan: Scan, corpus: Corpus) => void> = {
  scan: scanAll,
  'scan and fold': (scan, corpus) => foldAll(scan, corpus, false),
  'scan, fold and close': (scan, corpus) => foldAll(scan, corpus, true),
}

/** Nanoseconds of processor time for each event, all threads of the process together. */
const cost = (work: () => void, count: number): number => {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1_000) / count
}

const measure = (events: Corpus, turns: number) => {
  const scans = { exact, fast: fastScan() }
  const rows = Object.entries(works).map(([name, work]) => ({ name, work, exact: [NaN], fast: [NaN] }))
  // The first turn warms up.
  for (let turn = 0; turn <= turns; turn += 1)
    for (const row of rows)
      for (const kind of ['exact', 'fast'] as const)
        row[kind][turn] = cost(() => row.work(scans[kind], events), events.count)
  return rows.map(({ name, exact, fast }) => ({
    name,
    exact: median(exact.slice(1)),
    fast: median(fast.slice(1)),
  }))
}

const perSecond = (nanoseconds: number): string => `${Math.round(1e6 / nanoseconds)} k`

const main = (): void => {
  const turns = Number(process.argv[2] ?? 7)
  const events = corpus(200_000)
  const size = Math.round(events.bytes.length / events.count)
  console.log(
    `${events.count} events of ${size} bytes, 2 % out of order; medians of ${turns} turns; Node ${process.version}`,
  )
  const cells = [['', 'exact ns', 'fast ns', 'exact/CPU-s', 'fast/CPU-s', 'ratio']]
  for (const { name, exact, fast } of measure(events, turns))
    cells.push([
      name,
      exact.toFixed(0),
      fast.toFixed(0),
      perSecond(exact),
      perSecond(fast),
      (exact / fast).toFixed(2),
    ])
  for (const row of cells)
    console.log(row.map((cell, column) => (column === 0 ? cell.padEnd(22) : cell.padStart(12))).join(''))
}

main()
