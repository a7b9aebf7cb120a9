import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyBoard, withWindow } from './board.ts'
import { summary } from './summary.ts'
import { aWindow } from './testing/window.ts'

const start = Date.parse('2026-01-31T12:00:00Z')

test('before any window everything but the counts of windows is null', () => {
  assert.deepEqual(summary(emptyBoard(), { pipeline: 'shop', now: start }), {
    pipeline: 'shop',
    lastWindow: null,
    eventsPerSecond: null,
    freshnessSeconds: null,
    totalEvents: null,
    lateEvents: null,
    invalidEvents: null,
    windows: 0,
    repeatedWindows: 0,
    lag: null,
  })
})

test('the summary tells the newest window, its rate, its age and the sums of all', () => {
  const first = withWindow(emptyBoard(), aWindow(start, { late_events: 3, invalid_events: 1 }))
  const board = withWindow(first, aWindow(start + 60_000, { total_events: 500, generation: 2 }))
  assert.deepEqual(summary(board, { pipeline: 'shop', now: start + 132_999 }), {
    pipeline: 'shop',
    lastWindow: {
      start: '2026-01-31T12:01:00.000Z',
      end: '2026-01-31T12:02:00.000Z',
      totalEvents: 500,
      uniqueUsers: 97,
      uniqueSessions: 141,
      exact: true,
      clipped: false,
      generation: 2,
    },
    eventsPerSecond: 8.333,
    freshnessSeconds: 12,
    totalEvents: 1_100,
    lateEvents: 3,
    invalidEvents: 1,
    windows: 2,
    repeatedWindows: 0,
    lag: null,
  })
})

test('a window that ends after the clock is fresh, not negative', () => {
  const board = withWindow(emptyBoard(), aWindow(start))
  assert.equal(summary(board, { pipeline: 'shop', now: start }).freshnessSeconds, 0)
})
