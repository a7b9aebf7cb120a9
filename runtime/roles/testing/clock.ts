import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../role.ts'

/** Milliseconds that pass on a fast clock while the event loop turns once. */
const step = 25

/** Waits for some turns of the event loop. */
export const turns = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n += 1) await turn()
}

/** A clock on which every turn of the event loop takes 25 ms of a sleep. It tells `watch` the new time. */
export const fastClock = (
  start: number,
  watch: (now: number) => void = () => undefined,
): Clock & { advance(milliseconds: number): void } => {
  let now = start
  return {
    now: () => now,
    advance(milliseconds) {
      now += milliseconds
    },
    async sleep(milliseconds, signal) {
      for (let left = milliseconds; left > 0; left -= step) {
        await turn()
        if (signal?.aborted === true) return
        now += Math.min(step, left)
        watch(now)
      }
    },
  }
}
