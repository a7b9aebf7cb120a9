import type { ConnectedCluster } from './kube/cluster.ts'
import { type Clock, pause, systemClock } from './reconcile/clock.ts'

/** A controller at work, for probes and for who waits for its end. */
export interface RunningController {
  /** What keeps it from its work, a sentence each; none when it is ready. */
  problems(): string[]
  /** False when only a restart helps. */
  healthy(): boolean
  /** Resolves when all has ended after the signal. */
  over: Promise<void>
}

export interface RunningOptions {
  signal: AbortSignal
  /** Makes passes until the term is over. */
  work: (term: AbortSignal) => Promise<void>
  /** Told when a term begins and when its work has ended. */
  leads?: (leads: boolean) => void
  /** The last work of a term that the signal has ended, also when passes hang, as when what they wait for ends too. */
  farewell?: () => Promise<void>
  problems?: () => string[]
  clock?: Clock
}

/** Milliseconds in which passes may end before the last work is done: less than half of what the process has left. */
const patience = 4_000

/**
 * Works whenever the caches are filled and this instance leads, until the signal aborts and `work` ends; then closes the
 * cluster. One that waits for its term is ready: its caches are full, and it may lead in the next second.
 */
export const running = (
  cluster: Pick<ConnectedCluster, 'synced' | 'whenSynced' | 'problems' | 'healthy' | 'lead' | 'close'>,
  { work, leads = () => undefined, problems = () => [], ...options }: RunningOptions,
): RunningController => {
  const serve = (term: AbortSignal) => {
    const done = led(() => work(term), leads)
    return served(done, options)
  }
  return {
    problems: () => [
      ...(cluster.synced() ? [] : ['the first lists of what is watched are under way']),
      ...cluster.problems(),
      ...problems(),
    ],
    healthy: () => cluster.healthy(),
    over: Promise.race([cluster.whenSynced, aborted(options.signal)])
      .then(() => cluster.lead(serve, options.signal))
      .then(() => cluster.close()),
  }
}

/** The work of a term, and the last one. */
const served = async (
  work: Promise<void>,
  { signal, farewell, clock = systemClock }: Pick<RunningOptions, 'signal' | 'farewell' | 'clock'>,
): Promise<void> => {
  const over = new AbortController()
  const late = aborted(signal).then(() => pause(clock, patience, over.signal))
  try {
    await Promise.race([work, late])
    if (signal.aborted) await farewell?.()
  } finally {
    over.abort()
    await work
  }
}

const led = async (work: () => Promise<void>, leads: (leads: boolean) => void): Promise<void> => {
  leads(true)
  try {
    await work()
  } finally {
    leads(false)
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
