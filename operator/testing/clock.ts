import type { Clock } from '../reconcile/clock.ts'

export interface FakeClock extends Clock {
  /** Moves time forward and runs what falls due, in order, letting promises settle in between. */
  advance(ms: number): Promise<void>
  /** Runs at least once what is only waiting for promises. */
  settle(): Promise<void>
  /** Milliseconds from now at which each timer falls due, soonest first. */
  readonly pending: number[]
}

/** A clock that stands still until it is told to move. */
export const fakeClock = (): FakeClock => {
  let time = 0
  const timers = new Set<{ due: number; run: () => void }>()
  const soonest = () => [...timers].sort((a, b) => a.due - b.due)[0]
  const settle = async () => {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    now: () => time,
    after(ms, run) {
      const timer = { due: time + ms, run }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    async advance(ms) {
      const end = time + ms
      await settle()
      for (let next = soonest(); next && next.due <= end; next = soonest()) {
        timers.delete(next)
        time = next.due
        next.run()
        await settle()
      }
      time = end
    },
    settle,
    get pending() {
      return [...timers].map(({ due }) => due - time).sort((a, b) => a - b)
    },
  }
}
