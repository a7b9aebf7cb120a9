import { followedIn } from '../kernel/followed.ts'
import type { Rows } from '../kernel/kernel.ts'
import type { LogRecord, Position } from '../roles/log.ts'
import { reasons } from '../scan/reasons.ts'
import type { Followed, Scan, Scanned } from '../scan/scan.ts'
import { type Span, spanOf } from '../span.ts'
import { DeadLetters, type Refusal } from './dead-letter.ts'
import { isDue } from './due.ts'
import { Horizon } from './horizon.ts'
import { OpenPanes, paneSize, paneStart } from './pane.ts'
import { markerMessage, PartialWriter } from './partial.ts'
import { isInPlace, isWithin, newestIn, runEnd } from './run.ts'
import { blankRow } from './tally.ts'
import type { TaskCommit, TaskTotals } from './task-commit.ts'
import { freshState, parseTaskMetadata, taskMetadata, type TaskState } from './task-position.ts'
import { Watermark } from './watermark.ts'
import { alignDown } from './window.ts'

export interface TaskOptions {
  topic: string
  partition: number
  scan: Scan
  /** Milliseconds. */
  window: { slide: number; grace: number; idleTimeout: number }
  /** What was committed, undefined when nothing was. */
  position: Position | undefined
  /** The first offset of the log, where a task without position begins. */
  start: number
  now: number
}

const tooFarInFuture: Refusal = { reason: 'TooFarInFuture', detail: reasons.TooFarInFuture }
const tooLate: Refusal = { reason: 'Late', detail: reasons.Late }

/** Where the value of a record lies. To ask for the value would cut it out, so one that tells is not asked. */
const valueOf = (record: LogRecord): Span | null => {
  const { span } = record
  if (span !== undefined) return span
  const { value } = record
  return value && spanOf(value)
}

/**
 * The state of one partition between a lease and its end: folds events into panes, and says what to write. It is
 * made from a committed position alone and thrown away after any error. Below the committed offset each record was
 * judged before, so a replay only fills open panes.
 */
export class Task {
  readonly #options: TaskOptions
  readonly #state: TaskState
  readonly #panes = new OpenPanes()
  readonly #writer = new PartialWriter()
  readonly #watermark: Watermark
  readonly #horizon: Horizon
  readonly #deadLetters: DeadLetters
  #committed: number
  #next: number
  #lastCommit: number
  #onTime = false
  #hasBacklog = false
  /** Of the counts, what commits have told. */
  #written: { late: number; invalid: number }

  /** Throws UnreadablePosition. */
  constructor(options: TaskOptions) {
    const { position, start, window } = options
    this.#options = options
    this.#deadLetters = new DeadLetters(options)
    this.#state = position === undefined ? freshState(start) : parseTaskMetadata(position)
    this.#written = { late: this.#state.late, invalid: this.#state.invalid }
    this.#committed = position?.offset ?? start
    this.#next = this.#state.replayFrom
    this.#lastCommit = options.now
    this.#watermark = new Watermark({ ...window, newest: this.#state.maxEventTime })
    this.#horizon = new Horizon({ bounds: this.#state.horizon, grace: window.grace })
  }

  /** The offset to read next. */
  get next(): number {
    return this.#next
  }

  /** Panes that end at or before this instant are closed, in milliseconds since the epoch. */
  get closedUpTo(): number {
    return this.#state.closedUpTo
  }

  get openPanes(): number {
    return this.#panes.size
  }

  /** Undefined while a replay goes on. */
  totals(): TaskTotals | undefined {
    if (this.#next < this.#committed) return undefined
    const { events, late, invalid, gaps, start } = this.#state
    return { offsets: this.#next - start, events, open: this.#panes.events, late, invalid, gaps }
  }

  /** Takes the next record. `now` is the time of the fetch; through its value a template may have been followed before. */
  fold(record: LogRecord, now: number, followed?: Followed): void {
    if (record.offset < this.#next)
      throw new RangeError(`offset ${record.offset} came again, after all before ${this.#next}`)
    this.#pass(record.offset)
    this.#next = record.offset + 1
    const fresh = record.offset >= this.#committed
    const event = this.#options.scan(valueOf(record), followed)
    if (!event.ok) {
      if (fresh) this.#refuse(record, event)
    } else if (!this.#believed(record, event.time, now)) {
      if (fresh) this.#refuse(record, tooFarInFuture)
    } else if (paneStart(event.time) + paneSize <= this.#state.closedUpTo) {
      if (fresh) this.#refuse(record, tooLate)
    } else this.#count(event, record.offset)
  }

  /** Takes the next records, read into rows, as `fold` would one by one. */
  foldRows(rows: Rows, now: number): void {
    for (let row = 0; row < rows.count;) row += this.#run(rows, row, now) || this.#foldRow(rows, row, now)
  }

  /** A fetch succeeded at `now`, and all its records were folded; see Fetched. `high` is `end` when it is not given. */
  fetched(now: number, { next, end, high = end }: { next: number; end: number; high?: number }): void {
    this.#pass(next)
    this.#next = Math.max(this.#next, next)
    this.#hasBacklog = this.#next < end
    // Refused and late events are no news, as they never move the watermark; what an open transaction hides may be.
    this.#watermark.fetched(now, { news: this.#onTime || this.#next < high })
    this.#onTime = false
  }

  /** What to write now, if anything. What was given counts as written, and the next commit uses its memory. */
  commit(now: number): TaskCommit | undefined {
    const upTo = Math.max(this.#state.closedUpTo, paneStart(this.#watermark.value()))
    if (this.#next < this.#committed || !this.#due(upTo, now)) return undefined
    const closed = this.#panes.close(upTo)
    const events = closed.reduce((sum, { tally }) => sum + tally.events, 0)
    const state = this.#state
    state.closedUpTo = upTo
    state.events += events
    state.maxEventTime = this.#watermark.newest
    state.replayFrom = this.#panes.firstOffset(this.#next)
    this.#horizon.forget(state.replayFrom)
    state.horizon = [...this.#horizon.bounds]
    const { late, invalid } = state
    const counted = {
      panes: closed.length,
      events,
      late: late - this.#written.late,
      invalid: invalid - this.#written.invalid,
    }
    this.#written = { late, invalid }
    const panes = [...this.#writer.write(closed), markerMessage({ closedUpTo: upTo, late, invalid })]
    for (const pane of closed) this.#panes.reuse(pane)
    const deadLetters = this.#deadLetters.take()
    this.#committed = this.#next
    this.#lastCommit = now
    const position = { offset: this.#next, metadata: taskMetadata(state) }
    return { panes, deadLetters, position, counted }
  }

  #due(upTo: number, now: number): boolean {
    const { slide } = this.#options.window
    const endsWindow = alignDown(upTo, slide) > alignDown(this.#state.closedUpTo, slide)
    return isDue({
      waited: Math.abs(now - this.#lastCommit),
      endsWindow: endsWindow && !this.#hasBacklog,
      ...this.#panes.ended(upTo),
      letters: this.#deadLetters.count,
      bytes: this.#deadLetters.bytes,
    })
  }

  /**
   * Takes rows from this one on as long as they are new events in their time, one right after the other, and of one pane;
   * and those between them that are not plain, or alone of another pane. Gives their number.
   */
  #run(rows: Rows, row: number, now: number): number {
    if (this.#next < this.#committed) return 0
    const { batch, columns, count } = rows
    const first = this.#next
    const start = paneStart(columns.times[row] ?? NaN)
    const bounds = {
      ahead: first - batch.baseOffset - row,
      earliest: Math.max(start, this.#state.closedUpTo),
      latest: Math.min(start + paneSize - 1, this.#horizon.until),
    }
    let holes = 0
    let end = runEnd(columns, { from: row, count: count - row }, bounds)
    if (end === row) return 0
    while (end < count && isInPlace(columns, end, bounds)) {
      if (Number.isNaN(columns.times[end])) {
        this.#panes.open(start, first)
        this.#next = first + end - row
        this.#foldRow(rows, end, now)
      } else {
        const isAlone = end + 1 < count && isWithin(columns.times[end + 1] ?? NaN, bounds)
        if (!isAlone || !this.#foldStray(rows, end, first + end - row)) break
      }
      holes += 1
      end = runEnd(columns, { from: end + 1, count: count - end - 1 }, bounds)
    }
    const run = { start, first, from: row, count: end - row, holes }
    this.#watermark.observe(newestIn(columns, run))
    this.#panes.foldRows(rows, run)
    this.#next = first + end - row
    this.#onTime = true
    return end - row
  }

  /** Takes a row of another pane, and makes a hole of it. False when it is late, or is not believed by its time alone. */
  #foldStray(rows: Rows, row: number, offset: number): boolean {
    const time = rows.columns.times[row] ?? NaN
    if (time < this.#state.closedUpTo || time > this.#horizon.until) return false
    this.#panes.foldRows(rows, { start: paneStart(time), first: offset, from: row, count: 1, holes: 0 })
    blankRow(rows, row)
    return true
  }

  /** Takes the record of one row. */
  #foldRow(rows: Rows, row: number, now: number): 1 {
    const record = rows.batch.record(rows.place + (rows.columns.places[row] ?? 0))
    if (record.offset >= rows.batch.wanted) this.fold(record, now, followedIn(rows, row))
    return 1
  }

  #believed(record: LogRecord, time: number, now: number): boolean {
    const event = { offset: record.offset, time }
    return record.offset < this.#committed
      ? this.#horizon.believed(event)
      : this.#horizon.believes(event, now)
  }

  #count(event: Scanned, offset: number): void {
    this.#panes.fold(event, offset)
    this.#watermark.observe(event.time)
    this.#onTime = true
  }

  #refuse(record: LogRecord, refusal: Refusal): void {
    this.#deadLetters.add(record, refusal)
    if (refusal === tooLate) this.#state.late += 1
    else this.#state.invalid += 1
  }

  /** Counts the offsets between where reading was and `offset`, unless they were counted before. */
  #pass(offset: number): void {
    this.#state.gaps += Math.max(0, offset - Math.max(this.#next, this.#committed))
  }
}
