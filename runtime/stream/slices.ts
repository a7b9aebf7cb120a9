import { mergePartial } from './partial.ts'
import { clearTally, emptyTally, mergeTally, type Tally } from './tally.ts'
import { alignDown, type Window } from './window.ts'

/** Behind a backlog as many slices come and go at once. */
const mostSpare = 4

interface Slice {
  start: number
  tally: Tally
  /** For each partition the offset of its first pane in it. */
  first: Map<number, number>
}

/** A pane of one partition, ready to be merged. */
export interface MergedPane {
  partition: number
  /** Offset of its first record. */
  first: number
  start: number
  /** Its partial. */
  bytes: Uint8Array
}

/**
 * Panes summed up by slide: every window is a run of whole slices, so a tumbling window is one tally however long
 * it is, and a hopping one shares its slices with its neighbours.
 */
export class Slices {
  readonly #slide: number
  readonly #slices = new Map<number, Slice>()
  /** Empty tallies of former slices, to be used again. */
  readonly #spare: Tally[] = []

  constructor(slide: number) {
    this.#slide = slide
  }

  /** Throws UnreadablePanes. */
  add({ partition, first, start, bytes }: MergedPane): void {
    const at = alignDown(start, this.#slide)
    const slice = this.#slices.get(at) ?? this.#open(at)
    mergePartial(slice.tally, bytes)
    slice.first.set(partition, Math.min(first, slice.first.get(partition) ?? first))
  }

  /** The sum over a window. */
  tally({ start, end }: Window): Tally {
    const inside = this.#within(start, end)
    const [only] = inside
    if (inside.length === 1 && only !== undefined) return only.tally
    const sum = emptyTally()
    for (const { tally } of inside) mergeTally(sum, tally)
    return sum
  }

  /** The start of the first slice that holds events at or after the instant. */
  firstFrom(instant: number): number | undefined {
    const starts = [...this.#slices.keys()].filter((start) => start + this.#slide > instant)
    return starts.length === 0 ? undefined : starts.reduce((least, start) => Math.min(least, start))
  }

  /** Forgets what no window that starts at or after the instant needs. */
  forget(before: number): void {
    for (const { start, tally } of this.#slices.values()) {
      if (start + this.#slide > before) continue
      this.#slices.delete(start)
      clearTally(tally)
      if (this.#spare.length < mostSpare) this.#spare.push(tally)
    }
  }

  /** The lowest offset of a partition's panes in any slice, `otherwise` when there are none. */
  firstOffset(partition: number, otherwise: number): number {
    let first = otherwise
    for (const slice of this.#slices.values()) first = Math.min(first, slice.first.get(partition) ?? first)
    return first
  }

  #open(start: number): Slice {
    const slice = { start, tally: this.#spare.pop() ?? emptyTally(), first: new Map<number, number>() }
    this.#slices.set(start, slice)
    return slice
  }

  #within(start: number, end: number): Slice[] {
    const slices: Slice[] = []
    for (let at = alignDown(start, this.#slide); at < end; at += this.#slide) {
      const slice = this.#slices.get(at)
      if (slice !== undefined) slices.push(slice)
    }
    return slices
  }
}
