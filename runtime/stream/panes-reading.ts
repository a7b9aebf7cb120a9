import type { LogRecord, Position } from '../roles/log.ts'
import type { Buffers } from './buffers.ts'
import type { MergeState } from './merge-position.ts'
import { paneSize } from './pane.ts'
import { parseMarker, parsePanesKey, UnreadablePanes } from './partial.ts'

/** A pane as it stands in the log: decoded only when it is merged. */
export interface RawPane {
  partition: number
  start: number
  /** Offset of its first record, where a replay must start. */
  first: number
  /** True when it lies below the committed position: seen by a merger before this one. */
  replayed: boolean
  /** Taken from the reading's buffers. */
  bytes: Buffer
}

interface Parts {
  start: number
  first: number
  /** How many there are, and they together. */
  count: number
  bytes: Buffer
}

/** The reading of one partition of `<p>-panes`: joins the parts of panes, follows the markers. */
export class PanesReading {
  readonly partition: number
  readonly #buffers: Buffers
  readonly #committed: number
  readonly #state: MergeState | undefined
  #next: number
  #parts: Parts | undefined
  #closedUpTo = 0
  /** Panes come in ascending order, so one that starts before the end of what came was there already. */
  #edge = 0
  /** Counts of the newest marker. */
  late: number
  invalid: number
  /** What results have told of them. */
  toldLate: number
  toldInvalid: number

  constructor(options: {
    partition: number
    start: number
    position: Position | undefined
    state: MergeState | undefined
    buffers: Buffers
  }) {
    const { partition, start, position, state, buffers } = options
    this.partition = partition
    this.#buffers = buffers
    this.#state = state
    this.#committed = position?.offset ?? start
    this.#next = state?.replayFrom ?? start
    this.toldLate = this.late = state?.late ?? 0
    this.toldInvalid = this.invalid = state?.invalid ?? 0
  }

  /** The offset to read next. */
  get next(): number {
    return this.#next
  }

  /** Where the pane begins whose parts have not all come, else the offset to read next. */
  get firstNeeded(): number {
    return this.#parts?.first ?? this.#next
  }

  /** False during a replay, below the committed position. */
  get settled(): boolean {
    return this.#next >= this.#committed
  }

  /** Every pane that ends at or before this instant, and at or after where reading began, has been shown. */
  get closedUpTo(): number {
    return this.#closedUpTo
  }

  fetched(next: number): void {
    this.#next = Math.max(this.#next, next)
    this.#settle()
  }

  /** The pane that this record completes, 'duplicate' when it was there before. Throws UnreadablePanes. */
  take(record: LogRecord): RawPane | 'duplicate' | undefined {
    const key = parsePanesKey(record.key)
    if (record.offset >= this.#committed) this.#settle(record.offset)
    this.#next = record.offset + 1
    if (key.kind === 'marker') {
      this.#mark(record)
      return undefined
    }
    const parts = this.#join(key, record)
    if (key.part < key.parts) return undefined
    this.#parts = undefined
    if (key.start < this.#edge) return 'duplicate'
    this.#edge = key.start + paneSize
    const replayed = record.offset < this.#committed
    return { partition: this.partition, start: key.start, first: parts.first, replayed, bytes: parts.bytes }
  }

  /** A result tells all that is known of late and invalid events. */
  tell(): void {
    this.toldLate = this.late
    this.toldInvalid = this.invalid
  }

  /** Keeps a copy: the record lies in memory that is read into again. */
  #join(key: { start: number; part: number }, { offset, value }: LogRecord): Parts {
    if (key.part === 1)
      this.#parts = { start: key.start, first: offset, count: 0, bytes: this.#buffers.take(0) }
    const parts = this.#parts
    if (parts?.start !== key.start || parts.count !== key.part - 1 || value === null)
      throw new UnreadablePanes('a part of a pane does not follow the one before it')
    const before = parts.bytes
    parts.count += 1
    parts.bytes = this.#buffers.take(before.length + value.length)
    parts.bytes.set(before)
    parts.bytes.set(value, before.length)
    this.#buffers.give(before)
    return parts
  }

  #mark({ value }: LogRecord): void {
    const { closedUpTo, late, invalid } = parseMarker(value)
    this.#closedUpTo = Math.max(this.#closedUpTo, closedUpTo)
    this.#edge = Math.max(this.#edge, closedUpTo)
    this.late = Math.max(this.late, late)
    this.invalid = Math.max(this.invalid, invalid)
  }

  /** At the committed position the marker that stands there counts as read. */
  #settle(at = this.#next): void {
    if (at < this.#committed || this.#state === undefined) return
    this.#closedUpTo = Math.max(this.#closedUpTo, this.#state.marker)
    this.#edge = Math.max(this.#edge, this.#state.marker)
  }
}
