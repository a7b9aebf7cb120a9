import type { Rows } from '../kernel/kernel.ts'
import type { Scanned } from '../scan/scan.ts'
import { bytesOf, clearTally, count, countRows, emptyTally, type RowRun, type Tally } from './tally.ts'
import { alignDown } from './window.ts'

/** Length of a pane of event time, in milliseconds: `[start, start + paneSize)`. */
export const paneSize = 1_000

/** Bytes of the tables in tallies that are kept for further panes: of some hundred events a second a backlog's worth. */
const mostSpare = 1_048_576

export const paneStart = (time: number): number => alignDown(time, paneSize)

/** The events of one second of event time in one partition. */
export interface Pane {
  start: number
  /** Offset of the first event in it: a replay that is to fill it again starts there. */
  first: number
  tally: Tally
}

/** The panes of a partition that are still open. */
export class OpenPanes {
  readonly #panes = new Map<number, Pane>()
  /** Empty tallies of former panes, to be used again. */
  readonly #spare: Tally[] = []
  #spareBytes = 0
  /** The pane of the last event, as the next one mostly belongs to it too. */
  #last: Pane | undefined
  #events = 0

  get size(): number {
    return this.#panes.size
  }

  /** Events in all open panes. */
  get events(): number {
    return this.#events
  }

  fold(event: Scanned, offset: number): void {
    count(this.open(paneStart(event.time), offset).tally, event)
    this.#events += 1
  }

  /** Folds a run of rows of the pane that starts there; `first` is the offset of the first one. */
  foldRows(rows: Rows, run: RowRun & { start: number; first: number }): void {
    countRows(this.open(run.start, run.first).tally, rows, run)
    this.#events += run.count - run.holes
  }

  /** The pane that starts there, whose first event has this offset if there is none before it. */
  open(start: number, offset: number): Pane {
    if (this.#last?.start !== start) this.#last = this.#at(start, offset)
    return this.#last
  }

  /** How many panes end at or before the instant, and the events in them. */
  ended(upTo: number): { panes: number; events: number } {
    let [panes, events] = [0, 0]
    for (const { start, tally } of this.#panes.values()) {
      if (start + paneSize > upTo) continue
      panes += 1
      events += tally.events
    }
    return { panes, events }
  }

  /** Takes out the panes that end at or before the instant, in order. */
  close(upTo: number): Pane[] {
    const closed = [...this.#panes.values()].filter(({ start }) => start + paneSize <= upTo)
    this.#last = undefined
    for (const { start, tally } of closed) {
      this.#panes.delete(start)
      this.#events -= tally.events
    }
    return closed.sort((a, b) => a.start - b.start)
  }

  /** Takes back a closed pane that nobody looks at any more. */
  reuse({ tally }: Pane): void {
    clearTally(tally)
    if (this.#spareBytes + bytesOf(tally) > mostSpare) return
    this.#spareBytes += bytesOf(tally)
    this.#spare.push(tally)
  }

  /** The lowest first offset of the open panes, `otherwise` when there are none. */
  firstOffset(otherwise: number): number {
    let first = otherwise
    for (const pane of this.#panes.values()) first = Math.min(first, pane.first)
    return first
  }

  #at(start: number, offset: number): Pane {
    const there = this.#panes.get(start)
    if (there !== undefined) return there
    const spare = this.#spare.pop()
    if (spare !== undefined) this.#spareBytes -= bytesOf(spare)
    const pane = { start, first: offset, tally: spare ?? emptyTally() }
    this.#panes.set(start, pane)
    return pane
  }
}
