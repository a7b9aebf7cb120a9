import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clickEvent } from '../../test/inputs/event.ts'
import type { Position } from '../roles/log.ts'
import { scan } from '../scan/exact.ts'
import { parsePanesKey } from './partial.ts'
import { Task } from './task.ts'

const start = 1_700_000_000_000

const task = (position?: Position) =>
  new Task({
    topic: 'shop-events',
    partition: 0,
    scan,
    window: { slide: 10_000, grace: 2_000, idleTimeout: 5_000 },
    position,
    start: 0,
    now: start,
  })

const record = (offset: number, time: number) => ({
  offset,
  timestamp: 0,
  key: null,
  value: new TextEncoder().encode(JSON.stringify(clickEvent({ timestamp: new Date(time).toISOString() }))),
})

/** Folds events of these times, in seconds after the start, as one fetch that reaches the end. */
const fold = (to: Task, now: number, ...seconds: number[]): void => {
  for (const second of seconds) to.fold(record(to.next, start + second * 1_000), start + now)
  to.fetched(start + now, { next: to.next, end: to.next })
}

/** Starts of the panes in a commit, in seconds after the start. */
const panes = (commit: ReturnType<Task['commit']>) =>
  commit?.panes.flatMap(({ key }) => {
    const parsed = parsePanesKey(key)
    return parsed.kind === 'pane' ? [(parsed.start - start) / 1_000] : []
  })

test('panes are closed when the watermark passes the end of a window, at once', () => {
  const given = task()
  fold(given, 0, 0, 3)
  given.commit(start)
  fold(given, 100, 8, 11.9)
  assert.deepEqual(panes(given.commit(start + 100)), undefined)
  fold(given, 200, 12)
  assert.deepEqual(panes(given.commit(start + 200)), [3, 8])
})

test('inside a window panes are closed after a second', () => {
  const given = task()
  fold(given, 0, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3)
  given.commit(start)
  fold(given, 100, 6)
  assert.equal(given.commit(start + 999), undefined)
  assert.deepEqual(panes(given.commit(start + 1_000)), [3])
})

test('panes with fewer than ten events together are closed after five seconds, whatever is open', () => {
  const given = task()
  fold(given, 0, 3, 3, 3, 3, 3, 3, 3, 3, 3)
  given.commit(start)
  fold(given, 100, 6, 6, 6)
  assert.equal(given.commit(start + 4_999), undefined)
  assert.deepEqual(panes(given.commit(start + 5_000)), [3])
})

test('while more is there to read, panes are closed after a second, or when many are to close', () => {
  const given = task()
  const read = (now: number, second: number, end: number): void => {
    for (let event = 0; event < 10; event += 1)
      given.fold(record(given.next, start + second * 1_000), start + now)
    given.fetched(start + now, { next: given.next, end })
  }
  for (let second = 0; second <= 33; second += 1) read(0, second, 1_000)
  assert.equal(given.commit(start + 999), undefined)
  read(0, 34, 1_000)
  assert.equal(panes(given.commit(start + 999))?.length, 32)
  read(999, 44, 1_000)
  assert.equal(given.commit(start + 1_998), undefined)
  assert.deepEqual(panes(given.commit(start + 1_999)), [32, 33, 34])
  read(1_999, 56, given.next + 1)
  assert.deepEqual(panes(given.commit(start + 1_999)), [44])
})

test('what an open transaction hides is no backlog: a window that ends is closed at once', () => {
  const given = task()
  for (const second of [0, 12]) given.fold(record(given.next, start + second * 1_000), start)
  given.fetched(start, { next: given.next, end: given.next, high: given.next + 9 })
  assert.deepEqual(panes(given.commit(start)), [0])
})

test('what an open transaction hides is no silence: only when it has ended does the clock close panes', () => {
  const given = task()
  fold(given, 0, 0)
  const quiet = (from: number, to: number, hidden: number): void => {
    for (let now = from; now <= to; now += 500)
      given.fetched(start + now, { next: given.next, end: given.next, high: given.next + hidden })
  }
  quiet(500, 20_000, 1)
  assert.equal(given.commit(start + 20_000)?.counted.panes, 0)
  quiet(20_500, 40_000, 0)
  assert.deepEqual(panes(given.commit(start + 40_000)), [0])
})

test('without anything to close a marker is written every ten seconds', () => {
  const given = task()
  fold(given, 0)
  assert.equal(given.commit(start + 9_999), undefined)
  assert.equal(given.commit(start + 10_000)?.panes.length, 1)
})

test('the position tells where a replay starts, and a replay writes nothing until it is past it', () => {
  const given = task()
  fold(given, 0, 0, 1, 9, 9.5)
  const commit = given.commit(start + 1_000)
  assert.deepEqual(panes(commit), [0, 1])
  assert.equal(commit?.position.offset, 4)
  const heir = task(commit.position)
  assert.equal(heir.next, 2)
  assert.equal(heir.totals(), undefined)
  heir.fold(record(2, start + 9_000), start)
  assert.equal(heir.commit(start + 60_000), undefined)
  heir.fold(record(3, start + 9_500), start)
  assert.deepEqual(heir.totals(), { offsets: 4, events: 2, open: 2, late: 0, invalid: 0, gaps: 0 })
})

test('offsets that hold no record are gaps, each counted once', () => {
  const given = task()
  fold(given, 0, 0)
  given.fetched(start, { next: 3, end: 3 })
  given.fold(record(5, start), start)
  assert.deepEqual(given.totals(), { offsets: 6, events: 0, open: 2, late: 0, invalid: 0, gaps: 4 })
})

test('a record that comes again is refused: it would be counted twice', () => {
  const given = task()
  fold(given, 0, 0, 1)
  assert.throws(() => given.fold(record(1, start), start), RangeError)
})

test('many bytes of dead letters are written without waiting', () => {
  const given = task()
  fold(given, 0, 0)
  given.commit(start)
  for (let offset = 1; offset <= 5; offset += 1)
    given.fold({ offset, timestamp: 0, key: null, value: new Uint8Array(1_000_000) }, start)
  assert.equal(given.commit(start)?.deadLetters.length, 5)
})

test('the metadata fits into a position also with as many bounds as are kept', () => {
  const given = task()
  for (let now = 0; now < 200; now += 1) {
    given.fold(record(2 * now, start + now * 1_000 + 60_001), start + now * 1_000)
    given.fold(record(2 * now + 1, start + now * 1_000 + 60_000), start + now * 1_000)
  }
  const commit = given.commit(start + 1_000_000)
  assert.ok((commit?.position.metadata.length ?? 0) <= 4_096)
})
