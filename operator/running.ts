import type { ConnectedCluster } from './kube/cluster.ts'

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
  /** The last work of a term that the signal has ended. */
  farewell?: () => Promise<void>
  problems?: () => string[]
}

/**
 * Works whenever the caches are filled and this instance leads, until the signal aborts and `work` ends; then closes the
 * cluster. One that waits for its term is ready: its caches are full, and it may lead in the next second.
 */
export const running = (
  cluster: Pick<ConnectedCluster, 'synced' | 'whenSynced' | 'problems' | 'healthy' | 'lead' | 'close'>,
  { signal, work, leads = () => undefined, farewell, problems = () => [] }: RunningOptions,
): RunningController => ({
  problems: () => [
    ...(cluster.synced() ? [] : ['the first lists of what is watched are under way']),
    ...cluster.problems(),
    ...problems(),
  ],
  healthy: () => cluster.healthy(),
  over: Promise.race([cluster.whenSynced, aborted(signal)])
    .then(() =>
      cluster.lead(async (term) => {
        await led(() => work(term), leads)
        if (signal.aborted) await farewell?.()
      }, signal),
    )
    .then(() => cluster.close()),
})

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
