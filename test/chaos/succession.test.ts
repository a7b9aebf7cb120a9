import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verdict } from './verdict.ts'

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
