/** Counts by name, highest first, ties by name. */
export type Counts = Record<string, number>

/**
 * One window's result: the JSON value of a record of `<p>-metrics`, whose key is the window's start.
 * A window is `[window_start, window_end)` of event time.
 */
export interface WindowResult {
  pipeline: string
  /** ISO 8601 in UTC, e.g. `2026-01-31T23:59:00.000Z`. */
  window_start: string
  window_end: string
  total_events: number
  unique_users: number
  unique_sessions: number
  event_types: Counts
  devices: Counts
  /** The three most frequent. */
  top_referrers: Counts
  /** The five most frequent. */
  top_pages: Counts
  /** Sum of durations over their count, rounded half up to whole milliseconds; 0 for an empty window. */
  avg_duration_ms: number
  /** Events that came too late, newly counted since the previous result. */
  late_events: number
  /** Events that could not be read, newly counted since the previous result. */
  invalid_events: number
  /** False when a cardinality bound made a count an estimate or cut a list. */
  exact: boolean
  /** True for the first window after a change of size when it was cut at the change. */
  clipped: boolean
  /** Generation of the pipeline whose window this is. */
  generation: number
}
