import type { Histogram } from 'prom-client'
import type { Role } from './settings.ts'

/**
 * Every metric of the pods, by role: the one home of its name, type and meaning. `/metrics` shows it as
 * `clickstream_<name>` with the label `pipeline`; docs/metrics.md is made from here.
 */
export interface Metric {
  type: 'counter' | 'gauge' | 'histogram'
  help: string
  labels?: readonly string[]
  /** Upper bounds of a histogram's buckets. */
  buckets?: readonly number[]
}

const counter = (help: string, ...labels: string[]) => ({ type: 'counter', help, labels }) as const
const gauge = (help: string) => ({ type: 'gauge', help }) as const

/** Of every role, always 1: its label is what it tells. */
export const build = {
  build_info: { type: 'gauge', help: 'The version of the runtime.', labels: ['version'] },
} as const

const producer = {
  events_sent_total: counter('Events the log has acknowledged.'),
  events_skipped_total: counter('Events not generated because the log or this pod could not keep the rate.'),
  events_abandoned_total: counter('Events given up because the log did not take them in time.'),
  events_unsent: gauge('Events waiting for an acknowledgement.'),
  rate_wanted: gauge('Events per second this pod is to send.'),
  partitions: gauge('Partitions of the events topic.'),
}

/** Gauges are over the partitions that the pod works at. */
const processor = {
  events_total: counter('Events counted in panes.'),
  late_events_total: counter('Events that came after their pane was closed.'),
  invalid_events_total: counter('Records that are no events.'),
  dead_letters_total: counter('Records written to the dead letters, late ones too, by the reason.', 'reason'),
  panes_total: counter('Panes closed.'),
  windows_total: counter('Results published.'),
  duplicate_panes_total: counter('Panes that stood in the log twice. Must stay 0.'),
  commits_total: counter('Transactions committed.'),
  leases_total: counter('Leases taken: one for each task begun, also again after an error.'),
  rebalances_total: counter('Times that the group told this pod its partitions.'),
  commit_duration_seconds: {
    type: 'histogram',
    help: 'Length of a transaction, by whose it is (task or merge) and its outcome (committed or failed).',
    labels: ['work', 'outcome'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  result_delay_seconds: {
    type: 'histogram',
    help: "Time from a window's end to the publication of its result.",
    buckets: [1, 2.5, 5, 10, 15, 20, 30, 45, 60, 120, 300, 900, 3_600],
  },
  partitions_assigned: gauge('Partitions that the group gave to this pod.'),
  lag_events: gauge('Events not read yet.'),
  open_events: gauge('Events in open panes.'),
  open_panes: gauge('Panes that are not closed yet.'),
  unaccounted_events: gauge('Events read, less those counted anywhere. Must stay 0.'),
  work_stopped: gauge('Tasks and mergers that have stopped until a person decides. Must stay 0.'),
  watermark_lag_seconds: gauge('How far the oldest closed pane is behind the clock.'),
  results_lag_seconds: gauge('How far the results are behind the clock.'),
  window_size_seconds: gauge('The size of the windows, as the spec has it.'),
  window_slide_seconds: gauge('The time between the starts of two windows.'),
  window_grace_seconds: gauge('How long late events are waited for.'),
  window_idle_timeout_seconds: gauge('How long a stream is silent until its windows close by the clock.'),
} as const

const consumer = {
  windows_seen_total: counter('Windows seen since the start, and those read back then.'),
  windows_repeated_total: counter('Second results for a window. It must stay 0.'),
  results_unreadable_total: counter('Results that could not be read.'),
  seen_events_total: counter('Events of all windows seen.'),
  seen_late_events_total: counter('Late events of all windows seen.'),
  seen_invalid_events_total: counter('Invalid events of all windows seen.'),
  pipeline_lag_events: gauge('Events of all partitions that no task has committed yet.'),
  freshness_seconds: gauge("Seconds since the newest window's end."),
  events_per_second: gauge('Events per second of the newest window.'),
  window_events: gauge('Events of the newest window.'),
  window_unique_users: gauge('Users of the newest window.'),
  dashboard_clients: gauge('Open dashboards.'),
}

export const catalogue = { producer, processor, consumer } satisfies Record<Role, Record<string, Metric>>

/** The metrics of all roles: no two have one name. */
export const described: Readonly<Record<string, Metric>> = {
  ...build,
  ...producer,
  ...processor,
  ...consumer,
}

/**
 * What a metric says now: a number, several by the value of its label, or a histogram that fills itself. Undefined is
 * unknown, and not shown.
 */
type Value = number | undefined | Readonly<Record<string, number>> | Histogram

/** The values of a role's metrics; or of some, whatever the role. */
export type Values<R extends Role> = Record<keyof (typeof catalogue)[R], Value>
export type AnyValues = Readonly<Partial<Record<string, Value>>>
