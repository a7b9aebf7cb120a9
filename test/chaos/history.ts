import type { Reason } from '../../runtime/scan/reasons.ts'

/** What happened in a run, as seen from outside: what was written, what the topics hold, what the pods say. */

/** An event that was given to the log. */
export interface Entry {
  id: string
  partition: number
  /** Event time, milliseconds since the epoch; undefined for what is no event. */
  time: number | undefined
  user: number
  /** Why it is no event: what its dead letter must say. */
  reason?: Reason
  /** When the log said that it has it, milliseconds since the epoch; undefined when it never did. */
  acknowledgedAt: number | undefined
}

/** A record of `<p>-events`. */
export interface EventRow {
  partition: number
  offset: number
  id: string
  time: number | undefined
}

/** A record of `<p>-dlq`: where it came from, by its headers, and the key that came with it. */
export interface Letter {
  id: string
  partition: number
  offset: number
  reason: string
}

/** A record of `<p>-metrics`, in the order of publication. Instants in milliseconds. */
export interface ResultRow {
  key: number
  start: number
  end: number
  total: number
  users: number
  /** Sum of the counts by type. */
  typed: number
  late: number
  invalid: number
  clipped: boolean
  exact: boolean
  generation: number
}

/** The window of a generation of the pipeline, in milliseconds. */
export interface Spec {
  size: number
  slide: number
}

export interface History {
  specs: ReadonlyMap<number, Spec>
  /** Of the pipeline, milliseconds. */
  grace: number
  idleTimeout: number
  entries: readonly Entry[]
  events: readonly EventRow[]
  letters: readonly Letter[]
  results: readonly ResultRow[]
  /** The processor's position and the end of each partition of the events. */
  positions: readonly { partition: number; position: number; end: number }[]
  /** Every partition of every topic of the pipeline. */
  edges: readonly { topic: string; partition: number; stable: number; high: number }[]
  /** What the pods' alarms counted: both must be 0. */
  duplicatePanes: number
  unaccounted: number
}
