import * as z from 'zod'

/**
 * The answer of the consumer's `/api/summary`: a pipeline's health as its data tells it. One schema for both sides:
 * the consumer answers with it, the operator parses with it. What is not known is null, never 0.
 */

const count = z.int().min(0)
const instant = z.iso.datetime().max(32)

const Window = z.object({
  /** ISO 8601 in UTC; the window is `[start, end)` of event time. */
  start: instant,
  end: instant,
  totalEvents: count,
  uniqueUsers: count,
  uniqueSessions: count,
  exact: z.boolean(),
  clipped: z.boolean(),
  /** Generation of the pipeline whose window this is. */
  generation: count,
})

export const Summary = z.object({
  pipeline: z.string().max(253),
  /** The newest window. */
  lastWindow: Window.nullable(),
  /** Events of the newest window over its length. */
  eventsPerSecond: z.number().min(0).nullable(),
  /** Whole seconds since the newest window's end. */
  freshnessSeconds: count.nullable(),
  /** Events in the events topic that the tasks have not committed yet. */
  lag: count.nullable(),
  /** Events that came too late, and records that are no events, since the events topic was first read. */
  lateEvents: count.nullable(),
  invalidEvents: count.nullable(),
  /** Time of the newest event that the tasks have committed; absent from a consumer of an older version. */
  newestEvent: instant.nullable().optional(),
  /**
   * Why a processor that starts cannot go on from where the last one was, and what to do: one that works may not need to.
   * Null while nothing is known to stand in the way, absent from a consumer of an older version.
   */
  halted: z.string().max(2_000).nullable().optional(),
  /** Windows this consumer has seen, and the sum of their events. */
  windows: count,
  totalEvents: count.nullable(),
  /** Results that came for a window already seen; anything but 0 is a defect. */
  repeatedWindows: count,
})
export type Summary = z.output<typeof Summary>

/** The members that come from the positions of the tasks and the merger. */
export type Backlog = Pick<Summary, 'lag' | 'lateEvents' | 'invalidEvents' | 'newestEvent' | 'halted'>
