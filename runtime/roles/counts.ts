import type { Histogram } from 'prom-client'
import { histogram } from '../metrics.ts'
import { type Reason, reasons } from '../scan/reasons.ts'
import type { Clock } from './role.ts'

/** What a processor has done since it began, for `/metrics`. Told once for each commit, never for an event. */
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
  rebalances: number
  /** By their reason. */
  deadLetters: Record<string, number>
  /** Seconds. */
  commitTime: Histogram
  resultDelay: Histogram
}

export const noCounts = (): Counts => ({
  leases: 0,
  commits: 0,
  panes: 0,
  events: 0,
  late: 0,
  invalid: 0,
  windows: 0,
  duplicatePanes: 0,
  rebalances: 0,
  // Each reason from the start: an alert on a rate needs the zero before the first.
  deadLetters: Object.fromEntries(Object.keys(reasons).map((reason) => [reason, 0])),
  commitTime: histogram('commit_duration_seconds'),
  resultDelay: histogram('result_delay_seconds'),
})

/** Counts dead letters by their reason. */
export const countLetters = (
  { deadLetters }: Counts,
  reasons: Iterable<readonly [reason: Reason, letters: number]>,
): void => {
  for (const [reason, letters] of reasons) deadLetters[reason] = (deadLetters[reason] ?? 0) + letters
}

/** Runs a transaction and notes how long it took, and how it ended. */
export const timed = async (
  { counts, clock }: { counts: Counts; clock: Clock },
  work: 'task' | 'merge',
  commit: () => Promise<void>,
): Promise<void> => {
  const start = clock.now()
  let outcome = 'failed'
  try {
    await commit()
    outcome = 'committed'
  } finally {
    counts.commitTime.observe({ work, outcome }, Math.max(0, clock.now() - start) / 1_000)
  }
}
