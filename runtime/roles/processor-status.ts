import type { Values } from '../measures.ts'
import type { ProcessorSettings } from '../settings.ts'
import type { Counts } from './counts.ts'
import type { Hold } from './hold.ts'
import type { RunningMerge } from './merge-loop.ts'
import type { Health } from './role.ts'
import type { RunningTask } from './task-loop.ts'

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

const behind = (instant: number | undefined, now: number): number | undefined =>
  instant === undefined || instant === 0 || !Number.isFinite(instant) ? undefined : (now - instant) / second

type OfCounts = Extract<
  keyof Values<'processor'>,
  `${string}_total` | 'commit_duration_seconds' | 'result_delay_seconds'
>

const counted = ({ counts }: ProcessorWork): Pick<Values<'processor'>, OfCounts> => ({
  events_total: counts.events,
  late_events_total: counts.late,
  invalid_events_total: counts.invalid,
  dead_letters_total: counts.deadLetters,
  panes_total: counts.panes,
  windows_total: counts.windows,
  duplicate_panes_total: counts.duplicatePanes,
  commits_total: counts.commits,
  leases_total: counts.leases,
  rebalances_total: counts.rebalances,
  commit_duration_seconds: counts.commitTime,
  result_delay_seconds: counts.resultDelay,
})

/** The numbers of a processor. */
export const processorMeasures = (
  work: ProcessorWork,
  settings: ProcessorSettings,
  now: number,
): Values<'processor'> => {
  const tasks = running(work.tasks)
  return {
    ...counted(work),
    partitions_assigned: work.assigned?.length,
    lag_events: sum(tasks.map(({ task, end }) => Math.max(0, end - task.next))),
    open_events: sum(tasks.map(({ task }) => task.totals()?.open ?? 0)),
    open_panes: sum(tasks.map(({ task }) => task.openPanes)),
    unaccounted_events: unaccounted(work),
    work_stopped: work.holds().filter((each) => !each.health().ok).length,
    watermark_lag_seconds: behind(Math.min(...tasks.map(({ task }) => task.closedUpTo)), now),
    results_lag_seconds: behind(work.merge?.merge.closedUpTo, now),
    window_size_seconds: settings.WINDOW_SIZE_MS / second,
    window_slide_seconds: settings.WINDOW_SLIDE_MS / second,
    window_grace_seconds: settings.WINDOW_GRACE_MS / second,
    window_idle_timeout_seconds: settings.WINDOW_IDLE_TIMEOUT_MS / second,
  }
}
