import { setTimeout as pause } from 'node:timers/promises'
import { LogFault } from '../roles/log.ts'

export interface Patience {
  /** Ends the waiting; the promise is then rejected with its reason. */
  signal: AbortSignal
  /** Milliseconds until the last fault is thrown; never when absent. */
  deadline?: number
  /** Milliseconds before the second try; doubled up to a second. */
  first?: number
  /** Whether trying again can help; default: what the fault says. */
  heals?: (fault: LogFault) => boolean
}

/** Tries again while the fault can heal. */
export async function persist<T>(work: () => Promise<T>, patience: Patience): Promise<T> {
  const { signal, deadline = Infinity, first = 20, heals = ({ retry }) => retry } = patience
  const end = Date.now() + deadline
  for (let wait = first; ; wait = Math.min(2 * wait, 1_000)) {
    signal.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof LogFault) || !heals(error) || Date.now() + wait > end) throw error
    }
    await rest(wait, signal)
  }
}

/** Waits; rejected with the signal's reason when it is aborted. */
export async function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await pause(milliseconds, undefined, { signal })
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
}
