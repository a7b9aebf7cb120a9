import { newestWindow, type Board } from './board.ts'

/**
 * The pipeline's health as its data tells it: the answer of `/api/summary`. What is not known is null, never 0.
 * Sums count the windows this consumer has seen, `windows` of them.
 */
export interface Summary {
  pipeline: string
  lastWindow: {
    start: string
    end: string
    totalEvents: number
    uniqueUsers: number
    uniqueSessions: number
    exact: boolean
    clipped: boolean
    generation: number
  } | null
  /** Events of the newest window over its length. */
  eventsPerSecond: number | null
  /** Whole seconds since the newest window's end. */
  freshnessSeconds: number | null
  totalEvents: number | null
  lateEvents: number | null
  invalidEvents: number | null
  windows: number
  /** Results that came for a window already seen; anything but 0 is a defect. */
  repeatedWindows: number
  /** Events not yet processed; the consumer does not know it. */
  lag: null
}

const perSecond = (events: number, milliseconds: number): number =>
  Math.round((events / milliseconds) * 1_000_000) / 1_000

/** The summary of a board at `now`, in milliseconds since the epoch. */
export const summary = (board: Board, { pipeline, now }: { pipeline: string; now: number }): Summary => {
  const newest = newestWindow(board)
  const known = newest !== undefined
  return {
    pipeline,
    lastWindow: known
      ? {
          start: newest.result.window_start,
          end: newest.result.window_end,
          totalEvents: newest.result.total_events,
          uniqueUsers: newest.result.unique_users,
          uniqueSessions: newest.result.unique_sessions,
          exact: newest.result.exact,
          clipped: newest.result.clipped,
          generation: newest.result.generation,
        }
      : null,
    eventsPerSecond: known ? perSecond(newest.result.total_events, newest.end - newest.start) : null,
    freshnessSeconds: known ? Math.max(0, Math.floor((now - newest.end) / 1_000)) : null,
    totalEvents: known ? board.totals.events : null,
    lateEvents: known ? board.totals.late : null,
    invalidEvents: known ? board.totals.invalid : null,
    windows: board.totals.windows,
    repeatedWindows: board.repeats,
    lag: null,
  }
}
