import { type HiddenRecord, LogFault, type Message, type Messages } from '../roles/log.ts'

/** What a transaction wrote to one partition: it is shown once it is committed there. */
export interface Part {
  state: 'open' | End
}

/** How a transaction ends. */
export type End = 'committed' | 'aborted'

/** A record with its place and time. */
export interface StoredRecord extends Message {
  offset: number
  timestamp: number
}

interface Entry {
  /** Undefined for the mark that ends a transaction. */
  record: StoredRecord | undefined
  part: Part | undefined
}

/** One partition of a topic in memory: offsets without gaps, where the end of a transaction takes one too. */
export class MemoryPartition {
  #start = 0
  readonly #entries: Entry[] = []

  get start(): number {
    return this.#start
  }

  /** The last stable offset: the first record of an open transaction, else the end. */
  get end(): number {
    const open = this.#entries.findIndex(({ part }) => part?.state === 'open')
    return open === -1 ? this.#entries.length : open
  }

  /** The end with the records of open transactions. */
  get high(): number {
    return this.#entries.length
  }

  /** The first record that is not shown because its transaction has not ended here. */
  hidden(): HiddenRecord | undefined {
    return this.#entries[this.end]?.record
  }

  /** Whether the last record is the mark of a transaction that was committed. */
  get lastIsCommitted(): boolean {
    const last = this.#entries.at(-1)
    return last?.record === undefined && last?.part?.state === 'committed' && this.end === this.high
  }

  append(messages: Messages, options: { now: number; part?: Part }): number {
    const first = this.#entries.length
    for (const message of messages) {
      const record = {
        ...message,
        key: message.key && new Uint8Array(message.key),
        value: message.value && new Uint8Array(message.value),
        offset: this.#entries.length,
        timestamp: message.timestamp ?? options.now,
      }
      this.#entries.push({ record, part: options.part })
    }
    return first
  }

  /** The mark that ends a transaction here. */
  mark(state: End): void {
    this.#entries.push({ record: undefined, part: { state } })
  }

  /** Committed records from an offset up to another. */
  records(from: number, to = this.end): StoredRecord[] {
    return this.#entries
      .slice(from, to)
      .flatMap(({ record, part }) => (record === undefined || part?.state === 'aborted' ? [] : [record]))
  }

  /** Removes what lies before an offset, as retention does. */
  truncate(before: number): void {
    this.#start = before
  }

  /** Throws when reading cannot start or go on at the offset. */
  checkOffset(offset: number): void {
    if (offset >= this.#start && offset <= this.#entries.length) return
    throw new LogFault(
      `offset ${offset} is not in the log, which has ${this.#start} to ${this.#entries.length}`,
      {
        reason: 'OffsetOutOfRange',
        retry: false,
      },
    )
  }
}
