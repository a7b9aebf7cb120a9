import assert from 'node:assert/strict'
import { test } from 'node:test'
import { began, copyOf, exactHistory, faults } from './exact-history.ts'
import type { ResultRow } from './history.ts'
import { verdict } from './verdict.ts'

const million = 1_000_000
const shared = exactHistory(100_000)
const history = () => copyOf(shared)

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

test('without any result every event is outside of all windows', () => {
  assert.ok(faults({ ...shared, results: [] }).includes('event outside of all windows'))
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

/** What is found when one result of the exact history says something else. */
const said = (change: Partial<ResultRow>): string[] => {
  const given = history()
  given.results = given.results.map((each, index) => (index === 42 ? { ...each, ...change } : each))
  return faults(given)
}

test('each number of a result is judged by itself', () => {
  const [start, total] = [shared.results[42]?.start ?? 0, shared.results[42]?.total ?? 0]
  assert.deepEqual(said({ total: total + 1 }), ['wrong total', 'not conserved'])
  assert.deepEqual(said({ typed: total + 1 }), ['wrong total'])
  assert.deepEqual(said({ key: start + 1 }), ['window out of place'])
  assert.deepEqual(said({ clipped: true }), ['window out of place'])
  assert.ok(said({ start: start - 1 }).includes('window out of place'))
  assert.ok(said({ generation: 7 }).includes('window out of place'))
  assert.deepEqual(said({ late: 1 }), ['not conserved'])
  assert.deepEqual(said({ users: 11, exact: false }), [])
})

test('an event whose time or partition is not that of the ledger is caught', () => {
  const given = history()
  const [entry] = given.entries
  assert.ok(entry?.time !== undefined)
  for (const change of [{ partition: 3 }, { time: entry.time + 1 }]) {
    given.entries[0] = { ...entry, ...change }
    assert.deepEqual(faults(given), ['event lost before the engine'])
  }
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
    }),
    ['position not at the end', 'hanging transaction'],
  )
  for (const alarm of [{ duplicatePanes: 1 }, { unaccounted: -2 }])
    assert.deepEqual(faults({ ...shared, ...alarm }), ['alarm'])
})
