import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogRecord, Message, Position } from '../roles/log.ts'
import { scannedEvent } from '../testing/scanned.ts'
import { Merge } from './merge.ts'
import { markerMessage, PartialWriter } from './partial.ts'
import { count, emptyTally } from './tally.ts'

const window = { size: 10_000, slide: 10_000, created: 5, generation: 2 }

const pane = (start: number): Message[] => {
  const tally = emptyTally()
  count(tally, scannedEvent())
  return new PartialWriter().write([{ start, first: 0, tally }])
}
const marker = (closedUpTo: number, late = 0, invalid = 0): Message[] => [
  markerMessage({ closedUpTo, late, invalid }),
]

const merger = (positions: (Position | undefined)[] = [undefined], edition = {}) =>
  new Merge({
    pipeline: 'shop',
    window: { ...window, ...edition },
    partitions: positions.map((position) => ({ position, start: 0 })),
  })

/** Gives a merger the records of a partition, in order from where it reads. */
const take = (to: Merge, partition: number, ...messages: Message[][]): void => {
  for (const { key, value } of messages.flat()) {
    const record: LogRecord = { offset: to.next(partition), timestamp: 0, key, value }
    to.take(partition, record)
  }
}

/** Start and events of the windows that are due. */
const windows = (of: Merge) => {
  const shown: [number, number][] = []
  while (of.due()) for (const { start, events } of of.commit()?.results ?? []) shown.push([start, events])
  return shown
}

test('a window waits until every partition has passed it', () => {
  const given = merger([undefined, undefined])
  take(given, 0, pane(1_000), pane(12_000), marker(20_000))
  take(given, 1, pane(9_000), marker(9_999))
  assert.deepEqual(windows(given), [])
  take(given, 1, marker(10_000))
  assert.deepEqual(windows(given), [[0, 2]])
  take(given, 1, marker(20_000))
  assert.deepEqual(windows(given), [[10_000, 1]])
})

test('what was taken stays, though the memory of each record is read into again', () => {
  const given = merger()
  const tally = emptyTally()
  for (let index = 0; index < 20_000; index += 1)
    count(tally, scannedEvent({ page: `/${String(index).padStart(98, 'x')}` }))
  const parts = new PartialWriter().write([{ start: 1_000, first: 0, tally }])
  assert.equal(parts.length, 2)
  for (const { key, value } of [...parts, ...marker(10_000)]) {
    const memory = Buffer.from(value ?? [])
    given.take(0, { offset: given.next(0), timestamp: 0, key, value: memory })
    memory.fill(0xff)
  }
  assert.deepEqual(windows(given), [[0, 20_000]])
})

test('nothing is published before the first event, zeros afterwards', () => {
  const given = merger()
  take(given, 0, marker(50_000))
  assert.deepEqual(windows(given), [])
  take(given, 0, pane(61_000), marker(90_000))
  assert.deepEqual(windows(given), [
    [60_000, 1],
    [70_000, 0],
    [80_000, 0],
  ])
})

test('of many empty windows at once a hundred are published, then the next with events', () => {
  const given = merger()
  take(given, 0, pane(0), pane(5_000_000), marker(5_010_000))
  const shown = windows(given)
  assert.deepEqual(shown[0], [0, 1])
  assert.equal(shown.filter(([, events]) => events === 0).length, 100)
  assert.deepEqual(shown.at(-1), [5_000_000, 1])
  assert.equal(shown.length, 102)
})

test('an idle stream goes on publishing zeros, however long', () => {
  const given = merger()
  take(given, 0, pane(0), marker(10_000))
  windows(given)
  for (let end = 20_000; end <= 3_000_000; end += 10_000) {
    take(given, 0, marker(end))
    assert.deepEqual(windows(given), [[end - 10_000, 0]])
  }
})

test('a pane that comes twice is ignored and raises the alarm', () => {
  const given = merger()
  take(given, 0, pane(1_000), pane(1_000), marker(5_000), pane(4_000), marker(10_000))
  assert.deepEqual(windows(given), [[0, 1]])
  assert.equal(given.duplicates, 2)
})

test('a pane that comes again after another merger took over raises the alarm too', () => {
  const given = merger()
  take(given, 0, pane(1_000), marker(10_000))
  assert.ok(given.due())
  const heir = merger(given.commit()?.positions)
  take(heir, 0, pane(1_000), marker(20_000))
  assert.deepEqual(windows(heir), [[10_000, 0]])
  assert.equal(heir.duplicates, 1)
})

test('late and invalid events are told once, by the first result after they were known', () => {
  const given = merger()
  take(given, 0, pane(1_000), marker(10_000, 2, 3))
  assert.ok(given.due())
  const first = given.commit()
  assert.deepEqual([first?.results[0]?.late, first?.results[0]?.invalid], [2, 3])
  const heir = merger(first?.positions)
  take(heir, 0, marker(20_000, 2, 4))
  assert.ok(heir.due())
  const second = heir.commit()?.results[0]
  assert.deepEqual([second?.late, second?.invalid], [0, 1])
})

test('events of a new partition whose window is published are told as late', () => {
  const given = merger()
  take(given, 0, pane(1_000), marker(20_000))
  assert.deepEqual(windows(given), [
    [0, 1],
    [10_000, 0],
  ])
  given.grow({ position: undefined, start: 0 })
  take(given, 1, pane(15_000), pane(25_000), marker(30_000))
  take(given, 0, marker(30_000))
  assert.ok(given.due())
  const result = given.commit()?.results[0]
  assert.deepEqual([result?.start, result?.events, result?.late], [20_000, 1, 1])
})

test('nothing is published during a replay: positions would go back', () => {
  const given = merger([undefined, undefined])
  const old = Array.from({ length: 150 }, (_, index) => pane(index * 10_000))
  take(given, 0, ...old.slice(0, 120), marker(1_200_000), ...old.slice(120), marker(1_500_000))
  take(given, 1, pane(1_499_000), marker(1_500_000))
  assert.ok(given.due())
  const heir = merger(given.commit()?.positions)
  take(heir, 1, pane(1_499_000), marker(1_500_000))
  take(heir, 0, ...old.slice(100, 120), marker(1_200_000))
  assert.equal(heir.due(), false)
  take(heir, 0, ...old.slice(120), marker(1_500_000))
  assert.equal(windows(heir).length, 50)
})

test('an older edition of the spec gives way; a pipeline made again goes on where the former one ended', () => {
  const given = merger()
  take(given, 0, pane(1_000), marker(20_000))
  assert.ok(given.due())
  const [position] = given.commit()?.positions ?? []
  const committed = { offset: position?.offset ?? 0, metadata: position?.metadata ?? '' }
  assert.throws(() => merger([committed], { generation: 1 }), /published by generation 2/)
  assert.throws(() => merger([committed], { created: 4, generation: 9 }), /published by generation 2/)
  assert.equal(merger([committed], { created: 6, generation: 1 }).closedUpTo, 20_000)
})
