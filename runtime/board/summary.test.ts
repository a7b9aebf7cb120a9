import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyBoard, withWindow } from './board.ts'
import { summary } from './summary.ts'
import { aWindow } from './testing/window.ts'

const unknown = { lag: null, lateEvents: null, invalidEvents: null }
const start = Date.parse('2026-01-31T12:00:00Z')

test('before any window everything but the counts of windows is null', () => {
  assert.deepEqual(summary(emptyBoard(), { pipeline: 'shop', now: start, backlog: unknown }), {
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

test('the summary tells the newest window, its rate, its age, the sum of all seen, and the backlog', () => {
  const first = withWindow(emptyBoard(), aWindow(start, { late_events: 3, invalid_events: 1 }))
  const board = withWindow(first, aWindow(start + 60_000, { total_events: 500, generation: 2 }))
  const backlog = { lag: 40, lateEvents: 30, invalidEvents: 10 }
  assert.deepEqual(summary(board, { pipeline: 'shop', now: start + 132_999, backlog }), {
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
    lateEvents: 30,
    invalidEvents: 10,
    windows: 2,
    repeatedWindows: 0,
    lag: 40,
  })
})

test('a window that ends after the clock is fresh, not negative', () => {
  const board = withWindow(emptyBoard(), aWindow(start))
  assert.equal(summary(board, { pipeline: 'shop', now: start, backlog: unknown }).freshnessSeconds, 0)
})
