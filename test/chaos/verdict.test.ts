import assert from 'node:assert/strict'
import { test } from 'node:test'
import { began, exactHistory } from './exact-history.ts'
import type { History } from './history.ts'
import { verdict } from './verdict.ts'

const [million, few] = [1_000_000, 100_000]

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

const faults = (history: History): string[] => [...new Set(verdict(history).map(({ fault }) => fault))]

const shared = exactHistory(few)
/** A copy whose rows may be changed. */
const history = (from = shared) => ({
  ...from,
  results: from.results.map((result) => ({ ...result })),
  events: [...from.events],
  letters: [...from.letters],
})

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

test('dead letters must be one for each event that is refused, with a cause', () => {
  const given = history()
  const [letter] = given.letters
  assert.ok(letter)
  given.letters.push(letter)
  assert.ok(faults(given).includes('dead letter doubled'))
  given.letters.splice(-1, 1)
  const invalid = given.letters.findIndex(({ reason }) => reason === 'NotJson')
  const [taken] = given.letters.splice(invalid, 1)
  assert.ok(taken && faults(given).includes('invalid event without dead letter'))
  for (const reason of ['Late', 'NotUtf8']) {
    given.letters.push({ ...taken, reason })
    assert.ok(faults(given).includes('dead letter without cause'))
    given.letters.pop()
  }
})

test('late events that no result tells are caught', () => {
  const given = history()
  const result = given.results.find(({ late }) => late > 0)
  assert.ok(result)
  result.late -= 1
  assert.deepEqual(faults(given), ['not conserved'])
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
