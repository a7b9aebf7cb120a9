import type { ClickEvent } from '../runtime/event.ts'
import { randomFrom } from '../runtime/traffic/random.ts'
import { traffic } from '../runtime/traffic/traffic.ts'

/** An event and its time, milliseconds since the epoch. */
export interface Timed {
  time: number
  event: ClickEvent
}

export interface EventsOptions {
  count: number
  /** Events in each second of event time. */
  rate: number
  /** Time of the first one. */
  start: number
}

/** Of a hundred events, how many come late, and by how many milliseconds at most. */
const outOfOrder = 2
export const latest = 3_000

/** The clicks of 10,000 visitors, the same every time, in the order in which they are written. */
export function* events({ count, rate, start }: EventsOptions): Generator<Timed> {
  const random = randomFrom('bench')
  const source = traffic({ seed: 'bench', users: 10_000, rate })
  const heldBack = new Map<number, Timed[]>()
  for (let index = 0; index < count; index += 1) {
    const time = start + Math.floor((index * 1_000) / rate)
    const timed = { time, event: source.next(time) }
    if (random.fraction() * 100 < outOfOrder) {
      const until = Math.min(count - 1, index + Math.floor((random.fraction() * latest * rate) / 1_000))
      heldBack.set(until, [...(heldBack.get(until) ?? []), timed])
    } else yield timed
    const due = heldBack.get(index)
    if (due === undefined) continue
    heldBack.delete(index)
    yield* due
  }
}
