/** Time as an argument: the real one below, `operator/testing/clock.ts` in tests. */
export interface Clock {
  /** Milliseconds that only grow, from an arbitrary start. */
  now(): number
  /** Calls `run` once after `ms`; gives the way to call it off. */
  after(ms: number, run: () => void): () => void
}

/** The monotonic clock of this process: a step of the wall clock moves no deadline. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

/** Resolves after `ms`, or at once when `signal` aborts. */
export const pause = (clock: Clock, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = () => {
      cancel()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const cancel = clock.after(ms, end)
    signal.addEventListener('abort', end)
  })
