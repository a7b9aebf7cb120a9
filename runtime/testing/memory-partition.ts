import { LogFault, type Message, type Messages } from '../roles/log.ts'

/** A transaction as the partitions see it: its records are shown once it is committed. */
export interface MemoryTransaction {
  state: 'open' | 'committed' | 'aborted'
  /** Positions that move when it commits, by key. */
  positions: Map<string, { offset: number; metadata: string }>
  partitions: Set<MemoryPartition>
}

/** A record with its place and time. */
export interface StoredRecord extends Message {
  offset: number
  timestamp: number
}

interface Entry {
  /** Undefined for the mark that ends a transaction. */
  record: StoredRecord | undefined
  transaction: MemoryTransaction | undefined
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
    const open = this.#entries.findIndex(({ transaction }) => transaction?.state === 'open')
    return open === -1 ? this.#entries.length : open
  }

  /** The end with the records of open transactions. */
  get high(): number {
    return this.#entries.length
  }

  append(messages: Messages, options: { now: number; transaction?: MemoryTransaction }): number {
    const first = this.#entries.length
    for (const message of messages) {
      const record = {
        ...message,
        key: message.key && new Uint8Array(message.key),
        value: message.value && new Uint8Array(message.value),
        offset: this.#entries.length,
        timestamp: message.timestamp ?? options.now,
      }
      this.#entries.push({ record, transaction: options.transaction })
    }
    options.transaction?.partitions.add(this)
    return first
  }

  /** The mark that ends a transaction here. */
  mark(): void {
    this.#entries.push({ record: undefined, transaction: undefined })
  }

  /** Committed records from an offset up to another. */
  records(from: number, to = this.end): StoredRecord[] {
    return this.#entries
      .slice(from, to)
      .flatMap(({ record, transaction }) =>
        record === undefined || transaction?.state === 'aborted' ? [] : [record],
      )
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
