import type { LogRecord, Position } from '../roles/log.ts'
import { Buffers } from './buffers.ts'
import { type Edition, isNewer, mergeMetadata, parseMergeMetadata, type Published } from './merge-position.ts'
import { paneSize } from './pane.ts'
import { PanesReading, type RawPane } from './panes-reading.ts'
import { eventsIn } from './partial.ts'
import { resultText } from './result-text.ts'
import { Slices } from './slices.ts'
import type { Tally } from './tally.ts'
import { alignDown, firstOrigin, nextWindow, type Window, type WindowSpec } from './window.ts'

/** Results in one transaction. */
const mostResults = 100
/** Windows without events published one after another, when more of them are due at once. */
const mostEmpty = 100

/** A partition of the panes as the merger finds it. */
export interface PanesPartition {
  /** What was committed for it, undefined when nothing was. */
  position: Position | undefined
  /** The first offset of the log. */
  start: number
}

export interface MergeOptions {
  pipeline: string
  window: WindowSpec & Edition
  partitions: readonly PanesPartition[]
}

/** A window's result, and some of its numbers for those who watch. */
export interface Result extends Window {
  text: string
  events: number
  users: number
  late: number
  invalid: number
}

/** One transaction of the merger: the results in order, and its positions on the panes. */
export interface MergeCommit {
  results: Result[]
  positions: ({ partition: number } & Position)[]
}

/** The window was set by a newer spec of the pipeline than this merger's. */
export class StaleGeneration extends Error {
  override readonly name = 'StaleGeneration'
}

/**
 * Composes panes into windows. It is made from committed positions and thrown away after any error. Panes are merged
 * once every partition has passed them, in the order of time and partition: a result depends on the panes alone, not
 * on when they were read.
 */
export class Merge {
  readonly #options: MergeOptions
  readonly #readings: PanesReading[] = []
  readonly #buffers = new Buffers()
  readonly #slices: Slices
  #published: Published | undefined
  #positions: MergeCommit['positions'] = []
  #pending: RawPane[] = []
  #empty = 0
  /** Events of panes that came when their windows were published: only a partition that is new can bring some. */
  #strays = 0
  #duplicates = 0

  /** Throws StaleGeneration, UnreadablePosition. */
  constructor(options: MergeOptions) {
    const { window, partitions } = options
    this.#options = options
    this.#slices = new Slices(window.slide)
    for (const partition of partitions) this.grow(partition)
    const before = this.#published
    if (before === undefined) return
    if (isNewer(before, window))
      throw new StaleGeneration(
        `results are published by generation ${before.generation}, this is ${window.generation}`,
      )
    const same = before.size === window.size && before.slide === window.slide
    this.#published = {
      ...window,
      closedUpTo: before.closedUpTo,
      origin: same ? before.origin : before.closedUpTo,
    }
  }

  /** Panes that came a second time since this merger began; they are ignored. */
  get duplicates(): number {
    return this.#duplicates
  }

  get partitions(): number {
    return this.#readings.length
  }

  /** End of the last published window, undefined before the first. */
  get closedUpTo(): number | undefined {
    return this.#published?.closedUpTo
  }

  /** Adds the next partition. */
  grow({ position, start }: PanesPartition): void {
    const partition = this.#readings.length
    const state = position === undefined ? undefined : parseMergeMetadata(position)
    this.#readings.push(new PanesReading({ partition, start, position, state, buffers: this.#buffers }))
    if (position !== undefined) this.#positions.push({ partition, ...position })
    if (partition === 0) this.#published = state
  }

  /** The offset of a partition to read next. */
  next(partition: number): number {
    return this.#reading(partition).next
  }

  /** Takes the next record of a partition. Throws UnreadablePanes. */
  take(partition: number, record: LogRecord): void {
    const pane = this.#reading(partition).take(record)
    if (pane === undefined) return
    if (pane === 'duplicate') this.#duplicates += 1
    else if (this.#published === undefined || pane.start >= this.#nextWindow(this.#published).start)
      this.#pending.push(pane)
    else if (!pane.replayed) this.#strays += eventsIn(pane.bytes)
  }

  /** A fetch of the partition succeeded, and `next` is past all it brought. */
  fetched(partition: number, next: number): void {
    this.#reading(partition).fetched(next)
  }

  /** Merges what every partition has passed. True when a window has ended: then `commit` gives it. */
  due(): boolean {
    const upTo = this.#upTo()
    this.#mergeUpTo(upTo)
    if (this.#published === undefined || !this.#readings.every(({ settled }) => settled)) return false
    return this.#nextWindow(this.#published).end <= upTo
  }

  /** The windows that ended, if any. What was given counts as written: after a failure the merger is of no use. */
  commit(): MergeCommit | undefined {
    const published = this.#published
    if (!this.due() || published === undefined) return undefined
    const results = this.#results(this.#upTo())
    this.#positions = this.#readings.map((reading) => this.#position(reading, published))
    return { results, positions: this.#positions }
  }

  /** The last positions once more: brokers forget positions that are never written again. */
  refresh(): MergeCommit['positions'] {
    return this.#positions
  }

  #upTo(): number {
    return Math.min(...this.#readings.map(({ closedUpTo }) => closedUpTo))
  }

  #reading(partition: number): PanesReading {
    const reading = this.#readings[partition]
    if (reading === undefined) throw new RangeError(`partition ${partition} of the panes is not read`)
    return reading
  }

  #nextWindow(published: Published): Window {
    return nextWindow(this.#options.window, published)
  }

  #mergeUpTo(upTo: number): void {
    const closed = this.#pending.filter(({ start }) => start + paneSize <= upTo)
    this.#pending = this.#pending.filter(({ start }) => start + paneSize > upTo)
    closed.sort((a, b) => a.start - b.start || a.partition - b.partition)
    for (const pane of closed) {
      this.#slices.add(pane)
      this.#buffers.give(pane.bytes)
    }
    const [oldest] = closed
    if (this.#published !== undefined || oldest === undefined) return
    const { window } = this.#options
    const closedUpTo = alignDown(oldest.start, window.slide)
    this.#published = { ...window, closedUpTo, origin: firstOrigin(window, oldest.start) }
  }

  #results(upTo: number): Result[] {
    const results: Result[] = []
    while (this.#published !== undefined && results.length < mostResults) {
      const window = this.#nextWindow(this.#published)
      if (window.end > upTo) break
      const tally = this.#slices.tally(window)
      const skipTo =
        this.#empty >= mostEmpty && tally.events === 0 ? this.#lastEmpty(window, upTo) : window.end
      if (skipTo > window.end) {
        this.#published.closedUpTo = skipTo - this.#options.window.slide
        continue
      }
      results.push(this.#result(window, tally, results.length === 0))
      this.#empty = tally.events === 0 ? this.#empty + 1 : 0
      this.#published.closedUpTo = window.end
      this.#slices.forget(this.#nextWindow(this.#published).start)
    }
    return results
  }

  /** End of the first window after a run of empty ones that has events, or of the last that is due. */
  #lastEmpty(window: Window, upTo: number): number {
    const { slide } = this.#options.window
    const withEvents = this.#slices.firstFrom(window.start)
    return Math.min(alignDown(upTo, slide), withEvents === undefined ? Infinity : withEvents + slide)
  }

  /** The first result of a transaction tells what is new of late and invalid events. */
  #result(window: Window, tally: Tally, first: boolean): Result {
    const { pipeline } = this.#options
    const { generation } = this.#options.window
    let [late, invalid] = [0, 0]
    if (first) {
      late = this.#strays + this.#readings.reduce((sum, each) => sum + each.late - each.toldLate, 0)
      invalid = this.#readings.reduce((sum, each) => sum + each.invalid - each.toldInvalid, 0)
      this.#strays = 0
      for (const reading of this.#readings) reading.tell()
    }
    const text = resultText(window, tally, { pipeline, generation, late, invalid })
    return { ...window, text, events: tally.events, users: tally.users.count(), late, invalid }
  }

  #position(reading: PanesReading, published: Published): MergeCommit['positions'][number] {
    const { partition, next } = reading
    const pending = this.#pending
      .filter((pane) => pane.partition === partition)
      .reduce((least, { first }) => Math.min(least, first), reading.firstNeeded)
    const metadata = mergeMetadata({
      ...published,
      replayFrom: this.#slices.firstOffset(partition, pending),
      marker: reading.closedUpTo,
      late: reading.toldLate,
      invalid: reading.toldInvalid,
    })
    return { partition, offset: next, metadata }
  }
}
