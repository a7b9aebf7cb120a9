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

/**
 * Works whenever the caches are filled and this instance leads, until the signal aborts and `work` ends; then closes the
 * cluster. One that waits for its term is ready: its caches are full, and it may lead in the next second.
 */
export const running = (
  cluster: ConnectedCluster,
  {
    signal,
    work,
    problems = () => [],
  }: { signal: AbortSignal; work: (term: AbortSignal) => Promise<void>; problems?: () => string[] },
): RunningController => ({
  problems: () => [
    ...(cluster.synced() ? [] : ['the first lists of what is watched are under way']),
    ...cluster.problems(),
    ...problems(),
  ],
  healthy: () => cluster.healthy(),
  over: Promise.race([cluster.whenSynced, aborted(signal)])
    .then(() => cluster.lead(work, signal))
    .then(() => cluster.close()),
})

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
