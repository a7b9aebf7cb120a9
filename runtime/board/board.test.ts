import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyBoard, newestWindow, withWindow, type Board } from './board.ts'
import { aWindow } from './testing/window.ts'

const minute = 60_000
const board = (starts: number[], capacity = 120): Board =>
  starts.reduce((shown, start) => withWindow(shown, aWindow(start * minute)), emptyBoard(capacity))

const starts = (shown: Board): number[] => shown.windows.map((window) => window.start / minute)

test('windows are in order of their starts, whatever order they come in', () => {
  const shown = board([5, 2, 9, 3])
  assert.deepEqual(starts(shown), [2, 3, 5, 9])
  assert.equal(newestWindow(shown)?.start, 9 * minute)
})

test('only the newest windows stay, the sums keep all', () => {
  const shown = board([1, 2, 3, 4, 5], 3)
  assert.deepEqual(starts(shown), [3, 4, 5])
  assert.deepEqual(shown.totals, { windows: 5, events: 3_000, late: 0, invalid: 0 })
})

test('a window older than a full board holds is counted but not shown', () => {
  const shown = withWindow(board([7, 8, 9], 3), aWindow(minute, { total_events: 11 }))
  assert.deepEqual(starts(shown), [7, 8, 9])
  assert.equal(shown.totals.events, 1_811)
})

test('a second result for a window replaces the first, is flagged, and counts once', () => {
  const shown = withWindow(
    board([1, 2, 3]),
    aWindow(2 * minute, { total_events: 7, late_events: 4, invalid_events: 2 }),
  )
  assert.deepEqual(starts(shown), [1, 2, 3])
  assert.deepEqual(
    shown.windows.map((window) => [window.result.total_events, window.repeated]),
    [
      [600, false],
      [7, true],
      [600, false],
    ],
  )
  assert.deepEqual(shown.totals, { windows: 3, events: 1_207, late: 4, invalid: 2 })
  assert.equal(shown.repeats, 1)
})

test('an empty board has no newest window', () => {
  assert.equal(newestWindow(emptyBoard()), undefined)
})
