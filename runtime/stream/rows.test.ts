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
import { mergePartial, parsePanesKey } from './partial.ts'
import { emptyTally } from './tally.ts'
import { Task } from './task.ts'
import type { TaskCommit } from './task-commit.ts'
import type { Uniques } from './uniques.ts'

/** HISTORIES says how many. */
const numRuns = Number(process.env['HISTORIES'] ?? 60)

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
/** Around the panes, lateness and the clock of an idle stream; around what is believed; and late ones alone among others. */
const histories = fc.oneof(
  fetches(times(-5_000, -4_000, -3_000)),
  fetches(times(-4_000, 0, 1_000, 60_000)),
  fetches(times(0, 0, 0, -8_000)),
)

/** A late event, and around it what is in time and one that is none. */
const lateAmong: Fetch[] = [
  { gap: 0, times: (now) => [now, now, now], restart: false },
  { gap: 0, times: (now) => [now, now, now - 8_000, now], restart: false },
]

/** Every third event is none, and every fifth one that the kernel cannot read. */
const valueOf = (time: number, number: number): Buffer => {
  const event = clickEvent({ timestamp: new Date(time).toISOString(), user_id: `user-${number}` })
  if (number % 3 === 1) return Buffer.from(JSON.stringify({ ...event, duration_ms: -1 }))
  return Buffer.from(JSON.stringify(number % 5 === 4 ? { ...event, page_url: '/größe' } : event))
}

const batchOf = (times: readonly number[], baseOffset: number): Buffer => {
  const [batch] = encodeBatches(
    times.map((time, index) => ({ key: null, value: valueOf(time, baseOffset + index) })),
    0,
  )
  assert.ok(batch)
  const bytes = stamp(batch, { producerId: 1n, epoch: 0, sequence: 0, transactional: false })
  bytes.writeBigInt64BE(BigInt(baseOffset), at.baseOffset)
  return bytes
}

const idsOf = (set: Uniques): string[] => {
  const bytes = Buffer.alloc(set.encodedLength())
  set.encodeInto(bytes, 0)
  return (bytes.toString('hex', 1).match(/.{16}/g) ?? []).sort()
}

/** What a commit says, whatever the order in which panes name what they counted; its memory is used again. */
const meaningOf = ({ panes, ...rest }: TaskCommit) => ({
  ...structuredClone(rest),
  panes: panes.map(({ key, value }) => {
    const named = parsePanesKey(key)
    if (named.kind === 'marker') return String(value)
    const tally = emptyTally()
    mergePartial(tally, value ?? new Uint8Array())
    const { users, sessions, eventTypes, devices, referrers, pages } = tally
    return {
      ...named,
      events: tally.events,
      duration: tally.duration.value(),
      names: [eventTypes, devices, referrers, pages].map((counter) => new Map(counter.entries())),
      ids: [users, sessions].map(idsOf),
    }
  }),
})

type Show = (task: Task, batch: RecordBatch, now: number) => void

/** All commits of a partition whose log begins at `start`, and what its last task has counted, by one way to show records. */
const told = (history: readonly Fetch[], { start, scan }: { start: number; scan: Scan }, show: Show) => {
  const commits: unknown[] = []
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
    task.fetched(now, { next, end })
    const commit = task.commit(now)
    if (commit === undefined) continue
    position = commit.position
    commits.push(meaningOf(commit))
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
    { numRuns, examples: [[lateAmong, 0]] },
  )
})
