/** An event that lies further in the future, in milliseconds, is not believed. */
const tolerance = 60_000
/** Bounds kept: at 30 characters each they fit into a position's metadata. */
const mostBounds = 64
/** From so many on, each new bound is a stride ahead, so that few are needed for what may be replayed. */
const manyBounds = 16

/** From offset `from` on, events up to the instant `until` (milliseconds) were believed. */
export type Bound = readonly [from: number, until: number]

/**
 * Which events lie too far in the future: those more than a minute ahead of the clock that first saw them. A replay
 * must judge each as it was judged before, at another time and perhaps by another clock, or it would be counted
 * twice or never. So what is remembered is a bound, not a time: an event is believed when it lies at or before the
 * bound that held at its offset. The bound moves only when an event needs it, and the former one has to be kept only
 * when an event was refused under it that the new one would let pass:
 *
 *     event time   bound ───────────────┐ refused x   x lies under the new bound: both are kept
 *                                  x    └────────────
 *     offset       ─────────────────────────────────▶
 *
 * Sources whose clocks are right need one bound, one clock that is fast about one for each minute that is replayed.
 */
export class Horizon {
  readonly #stride: number
  #bounds: Bound[]
  /** The least time refused under the newest bound; not known after a restart. */
  #lowestRefused: number

  constructor(options: { bounds: readonly Bound[]; grace: number }) {
    this.#stride = (options.grace + tolerance) / manyBounds
    this.#bounds = options.bounds.length === 0 ? [[0, 0]] : [...options.bounds]
    this.#lowestRefused = options.bounds.length === 0 ? Infinity : -Infinity
  }

  get bounds(): readonly Bound[] {
    return this.#bounds
  }

  /** Events that are new and lie at or before this instant are believed. */
  get until(): number {
    return this.#bounds.at(-1)?.[1] ?? 0
  }

  /** Judges an event that is seen for the first time. */
  believes(event: { offset: number; time: number }, now: number): boolean {
    const [from, until] = this.#bounds.at(-1) ?? [0, 0]
    if (event.time <= until) return true
    const next = now + tolerance + (this.#bounds.length < manyBounds ? 0 : this.#stride)
    if (event.time > now + tolerance) {
      this.#lowestRefused = Math.min(this.#lowestRefused, event.time)
      return false
    }
    if (this.#lowestRefused > next) {
      this.#bounds[this.#bounds.length - 1] = [from, next]
      return true
    }
    if (this.#bounds.length >= mostBounds) return false
    this.#bounds.push([event.offset, next])
    this.#lowestRefused = Infinity
    return true
  }

  /** How an event was judged when it was seen for the first time. */
  believed(event: { offset: number; time: number }): boolean {
    const bound = this.#bounds.findLast(([from]) => from <= event.offset)
    return bound !== undefined && event.time <= bound[1]
  }

  /** Forgets what only concerns offsets that are never read again. */
  forget(before: number): void {
    const kept = this.#bounds.findLastIndex(([from]) => from <= before)
    if (kept > 0) this.#bounds = this.#bounds.slice(kept)
  }
}
