import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { clickEvent } from '../../test/inputs/event.ts'
import { at } from '../kafka/batch.ts'
import { decodeBatches } from '../kafka/batch-decode.ts'
import { encodeBatches, stamp } from '../kafka/batch-encode.ts'
import { Reading } from '../kernel/reading.ts'
import type { Position, RecordBatch } from '../roles/log.ts'
import type { Scan } from '../scan/scan.ts'
import { Task, type TaskCommit } from './task.ts'

/** HISTORIES says how many. */
const numRuns = Number(process.env['HISTORIES'] ?? 150)

const begin = Date.UTC(2026, 0, 31, 12)
/** Milliseconds between two fetches. */
const pace = 700

/** What a fetch brings: offsets that nobody has, then a batch of events at these times; and whether the task ends then. */
interface Fetch {
  gap: number
  times: (now: number) => number[]
  restart: boolean
}

/** So far from a fetch or from the begin of its second, and a millisecond beside it. */
const times = (...far: number[]) =>
  fc.tuple(fc.constantFrom(...far), fc.constantFrom(-1, 0, 1), fc.boolean()).map(
    ([from, beside, ofPane]) =>
      (now: number) =>
        (ofPane ? now - (now % 1_000) : now) + from + beside,
  )
const fetches = (time: fc.Arbitrary<(now: number) => number>): fc.Arbitrary<Fetch[]> =>
  fc.array(
    fc.record({
      gap: fc.constantFrom(0, 0, 2),
      times: fc
        .array(time, { minLength: 1, maxLength: 9 })
        .map((all) => (now: number) => all.map((each) => each(now))),
      restart: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  )
/** Around the panes, lateness and the clock of an idle stream; and around what is believed. */
const histories = fc.oneof(fetches(times(-5_000, -4_000, -3_000)), fetches(times(-4_000, 0, 1_000, 60_000)))

const batchOf = (times: readonly number[], baseOffset: number): Buffer => {
  const values = times.map((each) => clickEvent({ timestamp: new Date(each).toISOString() }))
  const [batch] = encodeBatches(
    values.map((value) => ({ key: null, value: Buffer.from(JSON.stringify(value)) })),
    0,
  )
  assert.ok(batch)
  const bytes = stamp(batch, { producerId: 1n, epoch: 0, sequence: 0, transactional: false })
  bytes.writeBigInt64BE(BigInt(baseOffset), at.baseOffset)
  return bytes
}

type Show = (task: Task, batch: RecordBatch, now: number) => void

/** All commits of a partition whose log begins at `start`, and what its last task has counted, by one way to show records. */
const told = (history: readonly Fetch[], { start, scan }: { start: number; scan: Scan }, show: Show) => {
  const commits: TaskCommit[] = []
  const log: Buffer[] = []
  let position: Position | undefined
  const open = (now: number): Task => {
    const window = { slide: 2_000, grace: 1_000, idleTimeout: 1_400 }
    return new Task({ topic: 'e', partition: 0, scan, window, position, start, now })
  }
  let [task, end] = [open(begin), 0]
  for (const [turn, { gap, times, restart }] of history.entries()) {
    const now = begin + turn * pace
    if (restart) task = open(now)
    const all = times(now)
    log.push(batchOf(all, end + gap))
    end += gap + all.length
    const { batches, next } = decodeBatches(Buffer.concat(log), task.next)
    for (const batch of batches) show(task, batch, now)
    task.fetched({ now, next, end })
    const commit = task.commit(now)
    if (commit === undefined) continue
    position = commit.position
    commits.push(commit)
  }
  return { commits, totals: task.totals() }
}

test('rows are judged and counted as their records would be one by one', () => {
  const reading = new Reading()
  fc.assert(
    fc.property(histories, fc.nat({ max: 4 }), (history, start) => {
      const from = { start, scan: reading.scan }
      const one = told(history, from, (task, batch, now) =>
        batch.each({ place: batch.from, count: batch.count }, (record) => task.fold(record, now)),
      )
      const many = told(history, from, (task, batch, now) =>
        reading.kernel.read(batch, {
          visit: (rows) => task.foldRows(rows, now),
          rest: (record) => task.fold(record, now),
        }),
      )
      assert.deepEqual(many, one)
    }),
    { numRuns },
  )
})
