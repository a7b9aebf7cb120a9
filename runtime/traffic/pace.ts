/** Events that fell due, by their numbers `first … first + count - 1`. */
interface Due {
  first: number
  count: number
}

/** Keeps a rate: which events are due at a time. */
export interface Pace {
  /**
   * Takes at most `room` of the events that are due at `now`, in milliseconds since the epoch. What does not
   * fit stays due for one second; after that it is given up and counted in `skipped`, so that a pause is never
   * followed by a burst of more than one second's events.
   */
  take(now: number, room: number): Due
  /** When event `number` is due: whole milliseconds since the epoch, never later than the `now` that took it. */
  dueAt(number: number): number
  /** When the next event that was not taken is due. */
  nextAt(): number
  /** Events given up so far. */
  skipped(): number
}

const second = 1_000

/**
 * A pace of `rate` events per second from `start` on. At any time, events taken plus events skipped equal
 * floor(rate × elapsed): nothing accumulates, so the rate does not drift. A clock that is set back moves the
 * start with it.
 */
export const pace = ({ rate, start }: { rate: number; start: number }): Pace => {
  let origin = start
  let last = start
  let next = 0
  let skipped = 0
  const dueAt = (number: number): number => origin + Math.ceil(((number + 1) * second) / rate)
  return {
    take(now, room) {
      if (now < last) origin -= last - now
      last = now
      const due = Math.floor((rate * (now - origin)) / second)
      const surplus = Math.max(0, due - next - rate)
      skipped += surplus
      next += surplus
      const first = next
      const count = Math.max(0, Math.min(due - next, room))
      next += count
      return { first, count }
    },
    dueAt,
    nextAt: () => dueAt(next),
    skipped: () => skipped,
  }
}
