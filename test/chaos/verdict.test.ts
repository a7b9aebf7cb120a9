import assert from 'node:assert/strict'
import { test } from 'node:test'
import { began, copyOf, exactHistory, faults } from './exact-history.ts'
import { verdict } from './verdict.ts'

const million = 1_000_000
const shared = exactHistory(100_000)
const history = () => copyOf(shared)

/** Windows alone, without events: results by their bounds in seconds and their generation. */
const windows = (
  specs: Record<number, [size: number, slide: number]>,
  rows: [number, number, number, string?][],
) =>
  verdict({
    specs: new Map(
      Object.entries(specs).map(([generation, [size, slide]]) => [
        Number(generation),
        { size: size * 1_000, slide: slide * 1_000 },
      ]),
    ),
    grace: 0,
    idleTimeout: 0,
    entries: [],
    events: [],
    letters: [],
    results: rows.map(([start, end, generation, clipped]) => ({
      key: start * 1_000,
      start: start * 1_000,
      end: end * 1_000,
      total: 0,
      users: 0,
      typed: 0,
      late: 0,
      invalid: 0,
      clipped: clipped === 'clipped',
      exact: true,
      generation,
    })),
    positions: [],
    edges: [],
    duplicatePanes: 0,
    unaccounted: 0,
  }).map(({ fault }) => fault)

test('a history that is right passes', () => {
  assert.deepEqual(verdict(shared), [])
})

test('one event in a million that is in no window is caught', () => {
  const given = exactHistory(million)
  assert.deepEqual(verdict(given), [])
  const result = given.results[42]
  assert.ok(result)
  result.total -= 1
  result.typed -= 1
  assert.deepEqual(faults(given), ['wrong total', 'not conserved'])
})

test('one event that is counted twice is caught', () => {
  const given = history()
  const result = given.results[42]
  assert.ok(result)
  result.total += 1
  result.typed += 1
  assert.deepEqual(faults(given), ['wrong total', 'not conserved'])
})

test('a boundary that is shifted by one millisecond is caught', () => {
  const given = history()
  const [left, right] = [given.results[42], given.results[43]]
  assert.ok(left && right)
  left.total += 1
  left.typed += 1
  right.total -= 1
  right.typed -= 1
  assert.deepEqual(faults(given), ['wrong total'])
})

test('a window that is published twice is caught', () => {
  const given = history()
  given.results.splice(43, 0, ...given.results.slice(42, 43))
  assert.ok(faults(given).includes('window published twice'))
})

test('a window that is missing is caught', () => {
  const given = history()
  given.results.splice(42, 1)
  assert.ok(faults(given).includes('window missing'))
})

test('the last window that is missing is caught', () => {
  const given = history()
  given.results.pop()
  assert.ok(faults(given).includes('event outside of all windows'))
})

test('positions that were committed before their panes were written, and then a crash, are caught', () => {
  const given = history()
  // A second of partition 1 is gone, though the position went on to the end.
  const gone = given.events.filter(
    ({ partition, time }) =>
      partition === 1 && time !== undefined && time >= began + 43_000 && time < began + 43_100,
  )
  const result = given.results[43]
  assert.ok(result && gone.length > 0)
  result.total -= gone.length
  result.typed = result.total
  assert.deepEqual(faults(given), ['wrong total', 'not conserved'])
})

test('a user who is counted twice is caught', () => {
  const given = history()
  const result = given.results[42]
  assert.ok(result)
  result.users += 1
  assert.deepEqual(faults(given), ['wrong total'])
})

test('events that the log lost or doubled are told from faults of the engine', () => {
  const given = history()
  const lost = given.events.findIndex(({ id }) => id === 'e777')
  const [row] = given.events.splice(lost, 1)
  assert.ok(row)
  assert.ok(faults(given).includes('event lost before the engine'))
  given.events.push(row, { ...row, offset: 999_999 })
  assert.ok(faults(given).includes('event doubled before the engine'))
})

test('a record that was rolled back, and is counted, is caught', () => {
  const given = history()
  given.events.push({ partition: 1, offset: 999_999, id: 'rolled back', time: began + 43_000 })
  const result = given.results[43]
  assert.ok(result)
  result.total += 1
  result.typed += 1
  result.users += 1
  // Reader and engine agree on it: only the ledger knows that nobody committed it.
  assert.deepEqual(faults(given), ['event that nobody wrote'])
  given.events.pop()
  assert.deepEqual(faults(given), ['wrong total', 'not conserved'])
})

test('the last window that is published twice is caught, alike or not', () => {
  const given = history()
  const last = given.results.at(-1)
  assert.ok(last)
  given.results.push({ ...last })
  assert.deepEqual(faults(given), ['window published twice', 'window out of place', 'not conserved'])
  given.results[given.results.length - 1] = { ...last, total: 0, typed: 0, users: 0 }
  assert.ok(faults(given).includes('window published twice'))
})

test('a hanging transaction, a position that lags and an alarm are caught', () => {
  assert.deepEqual(
    faults({
      ...shared,
      edges: [{ topic: 'panes', partition: 0, stable: 7, high: 9 }],
      positions: [{ partition: 0, position: 7, end: 9 }],
      duplicatePanes: 1,
      unaccounted: -2,
    }),
    ['position not at the end', 'hanging transaction', 'alarm'],
  )
})

test('a change of the window is cut where the former one ended', () => {
  const specs: Record<number, [number, number]> = { 1: [10, 10], 2: [30, 30], 3: [30, 10] }
  assert.deepEqual(
    windows(specs, [
      [0, 10, 1],
      [10, 30, 2, 'clipped'],
      [30, 60, 2],
      [60, 90, 3],
      [70, 100, 3],
    ]),
    [],
  )
  assert.deepEqual(
    windows({ 1: [5, 5], 2: [30, 10] }, [
      [10, 15, 1],
      [15, 40, 2, 'clipped'],
      [20, 50, 2],
    ]),
    [],
  )
})

/** Window after window of a second without events, then the next one. */
const afterSilence = (count: number, next: [number, number, number]) =>
  windows({ 1: [1, 1] }, [
    ...Array.from({ length: count }, (_, second): [number, number, number] => [second, second + 1, 1]),
    next,
  ])

test('after a hundred windows without events the next may be any', () => {
  assert.deepEqual(afterSilence(100, [500, 501, 1]), [])
  assert.deepEqual(afterSilence(99, [500, 501, 1]), ['window missing'])
  assert.deepEqual(afterSilence(100, [50, 51, 1]), ['window published twice', 'window out of place'])
})

test('windows that overlap, leave a gap or fall back to a former rule are caught', () => {
  const specs: Record<number, [number, number]> = { 1: [10, 10], 2: [30, 30] }
  assert.deepEqual(
    windows(specs, [
      [0, 10, 1],
      [0, 30, 2],
    ]),
    ['window published twice', 'window out of place'],
  )
  assert.deepEqual(
    windows(specs, [
      [0, 10, 1],
      [30, 60, 2],
    ]),
    ['window missing'],
  )
  assert.ok(
    windows(specs, [
      [0, 30, 2],
      [30, 40, 1],
    ]).includes('window out of place'),
  )
  assert.deepEqual(windows(specs, [[1, 11, 1]]), ['window out of place'])
})
