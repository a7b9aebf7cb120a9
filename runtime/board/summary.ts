import type { Backlog, Summary } from '../summary.ts'
import { newestWindow, type Board } from './board.ts'

const perSecond = (events: number, milliseconds: number): number =>
  Math.round((events / milliseconds) * 1_000_000) / 1_000

/** The summary of a board and the tasks' backlog at `now`, in milliseconds since the epoch. */
export const summary = (
  board: Board,
  { pipeline, now, backlog }: { pipeline: string; now: number; backlog: Backlog },
): Summary => {
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
    ...backlog,
    windows: board.totals.windows,
    totalEvents: known ? board.totals.events : null,
    repeatedWindows: board.repeats,
  }
}
