import type { Reading } from '../decide/flow.ts'
import type { Summary } from '../../runtime/summary.ts'

/** A summary of a pipeline that is well, as its consumer tells it. */
export const aSummary = (given: Partial<Summary> = {}): Summary => ({
  pipeline: 'clickstream',
  lastWindow: {
    start: '2026-01-31T12:00:00.000Z',
    end: '2026-01-31T12:05:00.000Z',
    totalEvents: 3_000,
    uniqueUsers: 97,
    uniqueSessions: 141,
    exact: true,
    clipped: false,
    generation: 1,
  },
  eventsPerSecond: 10,
  freshnessSeconds: 20,
  lag: 7,
  lateEvents: 2,
  invalidEvents: 1,
  windows: 12,
  totalEvents: 36_000,
  repeatedWindows: 0,
  ...given,
})

/** A reading of it. */
export const aReading = (at: number, given: Partial<Summary> = {}): Reading => ({
  at,
  summary: aSummary(given),
})
