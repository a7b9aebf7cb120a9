import type { Hold } from './hold.ts'
import type { RunningMerge } from './merge-loop.ts'
import type { Health, Measure } from './role.ts'
import type { RunningTask } from './task-loop.ts'

/** What a processor has done since it began, for `/metrics`. */
export interface Counts {
  leases: number
  commits: number
  panes: number
  events: number
  late: number
  invalid: number
  windows: number
  /** Panes that stood in the log twice: must stay 0. */
  duplicatePanes: number
}

/** The work of a processor as `/metrics` and the probes see it. */
export interface ProcessorWork {
  counts: Counts
  /** The tasks by partition; undefined where none is at work. */
  tasks: Map<number, RunningTask | undefined>
  merge: RunningMerge | undefined
  /** Undefined until the group has told what is ours. */
  assigned: readonly number[] | undefined
  holds: () => readonly Hold[]
  /** Partitions of the events topic; undefined until the topic was found. */
  partitions: () => number | undefined
  pumpTurnedAt: () => number
}

const second = 1_000
/** Nothing at work is silent for so long, whatever the brokers do: each call to them ends sooner. */
const silentWithin = 60 * second

/** Not ok when reading, a transaction or the merger has not come back for a minute, or a partition has stopped. */
export const processorHealth = (work: ProcessorWork, now: number): Health => {
  const failing = work
    .holds()
    .map((each) => each.health())
    .find(({ ok }) => !ok)
  if (failing !== undefined) return failing
  const late = (since: number | undefined): boolean => since !== undefined && now - since > silentWithin
  if (late(work.pumpTurnedAt())) return { ok: false, why: 'no fetch has come back for a minute' }
  if (late(work.merge?.turnedAt)) return { ok: false, why: 'the merger has not turned for a minute' }
  const stuck = [...work.tasks].find(([, task]) => late(task?.committingSince))
  if (stuck !== undefined)
    return { ok: false, why: `the transaction of partition ${stuck[0]} has not ended for a minute` }
  return { ok: true, why: 'events are read and windows published' }
}

/**
 * Ok once every partition assigned to this pod is worked at. A pod without any has nothing to show for itself: it must
 * have found the topic, or it would replace one that works when its brokers are those of another Kafka.
 */
export const processorReadiness = ({ assigned, holds, partitions }: ProcessorWork): Health => {
  if (assigned === undefined) return { ok: false, why: 'waiting for the group to assign partitions' }
  if (assigned.length === 0 && partitions() === undefined) {
    return { ok: false, why: 'waiting for the topic of the events' }
  }
  const waiting = holds().filter((each) => !each.working()).length
  if (waiting > 0) return { ok: false, why: `${waiting} of ${holds().length} tasks have not begun` }
  return { ok: true, why: `${assigned.length} partitions are worked at` }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

const running = (tasks: ProcessorWork['tasks']): RunningTask[] =>
  [...tasks.values()].filter((task) => task !== undefined)

/** Events of this pod's partitions: what the positions say, less what the counts say. Must be 0. */
const unaccounted = ({ tasks }: ProcessorWork): number =>
  sum(
    running(tasks).map(({ task }) => {
      const totals = task.totals()
      if (totals === undefined) return 0
      const { offsets, events, open, late, invalid, gaps } = totals
      return offsets - events - open - late - invalid - gaps
    }),
  )

const counters = ({ counts }: ProcessorWork): Measure[] => {
  const counter = (name: string, value: number, help: string): Measure => ({
    name: `${name}_total`,
    type: 'counter',
    help,
    value,
  })
  return [
    counter('events', counts.events, 'Events counted in panes.'),
    counter('late_events', counts.late, 'Events that came after their pane was closed.'),
    counter('invalid_events', counts.invalid, 'Records that are no events.'),
    counter('panes', counts.panes, 'Panes closed.'),
    counter('windows', counts.windows, 'Results published.'),
    counter('duplicate_panes', counts.duplicatePanes, 'Panes that stood in the log twice. Must stay 0.'),
    counter('commits', counts.commits, 'Transactions committed.'),
    counter('leases', counts.leases, 'Leases taken: one for each task begun, also again after an error.'),
  ]
}

/** The numbers of a processor. Gauges are over the partitions that this pod works at. */
export const processorMeasures = (work: ProcessorWork, now: number): Measure[] => {
  const tasks = running(work.tasks)
  const gauge = (name: string, value: number | undefined, help: string): Measure => ({
    name,
    type: 'gauge',
    help,
    value,
  })
  const oldest = Math.min(...tasks.map(({ task }) => task.closedUpTo))
  const behind = (instant: number | undefined): number | undefined =>
    instant === undefined || instant === 0 || !Number.isFinite(instant) ? undefined : (now - instant) / second
  return [
    ...counters(work),
    gauge('partitions_assigned', work.assigned?.length, 'Partitions that the group gave to this pod.'),
    gauge(
      'lag_events',
      sum(tasks.map(({ task, end }) => Math.max(0, end - task.next))),
      'Events not read yet.',
    ),
    gauge('open_events', sum(tasks.map(({ task }) => task.totals()?.open ?? 0)), 'Events in open panes.'),
    gauge('unaccounted_events', unaccounted(work), 'Events read, less those counted anywhere. Must stay 0.'),
    gauge('watermark_lag_seconds', behind(oldest), 'How far the oldest closed pane is behind the clock.'),
    gauge(
      'results_lag_seconds',
      behind(work.merge?.merge.closedUpTo),
      'How far the results are behind the clock.',
    ),
  ]
}
