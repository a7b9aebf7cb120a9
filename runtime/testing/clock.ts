import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../roles/role.ts'

/** A clock that moves only when told to. */
export interface ManualClock extends Clock {
  /** Moves on by so many milliseconds; who sleeps wakes in order, each with time to act. */
  advance(milliseconds: number): Promise<void>
}

interface Sleeper {
  at: number
  wake: () => void
}

/** Lets everything run that does not wait for time. */
const settle = async (): Promise<void> => {
  for (let round = 0; round < 5; round += 1) await turn()
}

export const manualClock = (start: number): ManualClock => {
  let now = start
  const sleepers = new Set<Sleeper>()
  const wakeDue = (): void => {
    for (const sleeper of sleepers) if (sleeper.at <= now) sleeper.wake()
  }
  return {
    now: () => now,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve()
        const sleeper: Sleeper = {
          at: now + milliseconds,
          wake() {
            sleepers.delete(sleeper)
            signal?.removeEventListener('abort', sleeper.wake)
            resolve()
          },
        }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', sleeper.wake)
      }),
    async advance(milliseconds) {
      const target = now + milliseconds
      if (sleepers.size === 0) now = target
      await settle()
      while (now < target) {
        const next = [...sleepers].reduce((least, { at }) => Math.min(least, at), target)
        now = Math.max(now, next)
        wakeDue()
        await settle()
      }
    },
  }
}
