import type { WindowResult } from '../stream/result.ts'

/** A result with its bounds as milliseconds since the epoch, `[start, end)`. */
export interface Window {
  start: number
  end: number
  result: WindowResult
}

/** A window on the board. */
export interface Shown extends Window {
  /** True when the log held more than one result for this window: one of them is too many. */
  repeated: boolean
}

/** Sums over every window seen, the repeated ones once. With tumbling windows their sum is the number of events. */
interface Totals {
  windows: number
  events: number
  late: number
  invalid: number
}

/** What the dashboard knows: the newest windows, oldest first, and sums over all it has seen. */
export interface Board {
  capacity: number
  windows: readonly Shown[]
  totals: Totals
  /** Results that came for a window already on the board. */
  repeats: number
}

export const emptyBoard = (capacity = 120): Board => ({
  capacity,
  windows: [],
  totals: { windows: 0, events: 0, late: 0, invalid: 0 },
  repeats: 0,
})

const counted = (totals: Totals, { result }: Window, sign: 1 | -1): Totals => ({
  windows: totals.windows + sign,
  events: totals.events + sign * result.total_events,
  late: totals.late + sign * result.late_events,
  invalid: totals.invalid + sign * result.invalid_events,
})

/** The board with one more window in its place. A second result for a window replaces the first and is flagged. */
export const withWindow = (board: Board, window: Window): Board => {
  const before = board.windows.find((shown) => shown.start === window.start)
  const others = board.windows.filter((shown) => shown !== before)
  const place = others.findLastIndex((shown) => shown.start < window.start) + 1
  const shown = { ...window, repeated: before !== undefined }
  const totals = before === undefined ? board.totals : counted(board.totals, before, -1)
  return {
    capacity: board.capacity,
    windows: others.toSpliced(place, 0, shown).slice(-board.capacity),
    totals: counted(totals, window, 1),
    repeats: board.repeats + (before === undefined ? 0 : 1),
  }
}

/** The window with the latest start. */
export const newestWindow = (board: Board): Shown | undefined => board.windows.at(-1)
