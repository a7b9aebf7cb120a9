import type { Span } from '../span.ts'

/**
 * The log as the roles see it: Kafka behind one small interface. `runtime/kafka` is the real one,
 * `runtime/testing` the one in memory; the same contract test holds both. Offsets and times are plain numbers.
 */

/** One record. Byte fields are views into the fetched response: valid only inside the visit that shows them. */
export interface LogRecord {
  offset: number
  /** Milliseconds since the epoch, as the record's writer or broker set it. */
  timestamp: number
  key: Uint8Array | null
  value: Uint8Array | null
  /** The value where it lies, from readers that need not cut it out; the object is used again. */
  readonly span?: Span | null
  /** Key and value where they lie, if they lie in a batch; the object is used again. */
  readonly fields?: Fields
}

/** A record that readers are not shown. */
export type HiddenRecord = Pick<LogRecord, 'key' | 'value'>

/** Key and value of a record as they lie in a batch of Kafka's message format v2, each with its length before it. */
export interface Fields {
  readonly bytes: Buffer
  from: number
  end: number
  /** Without the bytes of the lengths themselves; -1 of what is null. */
  keyLength: number
  valueLength: number
}

/**
 * Committed records as they lie in a batch of Kafka's message format v2, for who reads many at once. Valid as long as
 * the visit that shows it.
 */
export interface RecordBatch {
  /** The records, one after the other from the place `from` on, each with its length before it. */
  readonly bytes: Uint8Array
  readonly from: number
  readonly count: number
  /** The offset that the records' own offsets count from. */
  readonly baseOffset: number
  /** Records before this offset lie in the batch, but were not wanted. */
  readonly wanted: number
  /** The record at a place of `bytes`, in an object that is used again. */
  record(place: number): LogRecord
  /** Shows the wanted ones of the last `count` records, which begin at the place, in an object that is used again. */
  each(rest: { place: number; count: number }, visit: (record: LogRecord) => void): void
}

/** What one poll brought for one partition. */
export interface Fetched {
  partition: number
  /** Shows each committed record at or after the wanted offset, in order. Before the next poll, which uses the memory again. */
  each(visit: (record: LogRecord) => void): void
  /** The same batch by batch, where the log has batches. */
  eachBatch?(visit: (batch: RecordBatch) => void): void
  /** The offset to read next: past everything shown, also past control records and gaps. */
  next: number
  /** The last stable offset when the broker answered: `next >= end` means nothing more was there. */
  end: number
  /** The end with what open transactions hide: beyond `end` while one is open. */
  high: number
}

/** A partition that could not be read; the others of the same poll are not affected. */
export interface FetchFault {
  partition: number
  fault: LogFault
}

/** Reads committed records of some partitions of one topic, from their leaders only. */
export interface Reader {
  /** Starts or moves the reading of a partition. */
  seek(partition: number, offset: number): void
  /** Stops the reading of a partition. */
  drop(partition: number): void
  /** Waits up to half a second for records. Partitions without news are in the answer too, with nothing to show. */
  poll(): Promise<(Fetched | FetchFault)[]>
  close(): Promise<void>
}

/** Two pieces of memory that take turns: one is read into while the other is looked at. */
export type Regions = readonly [Buffer, Buffer]

/** Memory that a reader reads into, so that what comes lies where it is worked on. */
export interface ReadMemory {
  /** For one connection, for as long as the reader lives; undefined when there is no more. */
  regions(): Regions | undefined
  /** CRC-32C. */
  checksum(bytes: Uint8Array): number
}

/** Texts by their names. */
export type RecordHeaders = Readonly<Record<string, string>>

/** A record to write. */
export interface Message {
  key: Uint8Array | null
  value: Uint8Array | null
  headers?: RecordHeaders
  /** Milliseconds since the epoch; the time of writing when absent. */
  timestamp?: number
}

/** Records to write, in their order: a list, or something that makes each when it is looked at. */
export interface Messages extends Iterable<Message> {
  readonly length: number
  at(index: number): Message | undefined
  /** The same, for a log that has batches, where they are written as such: then it looks at no message. */
  readonly written?: readonly WrittenRecords[]
}

/**
 * Records of one batch of Kafka's message format v2, one after the other, each with its length before it. Their offsets
 * and times count from the first one. The batch is sent from where they lie, behind the header that the log writes.
 */
export interface WrittenRecords {
  readonly bytes: Buffer
  /** Where they begin; the 61 bytes before it are left for the header of the batch. */
  readonly from: number
  readonly end: number
  readonly count: number
  /** The time of the first one and the newest, in milliseconds since the epoch; those of writing when absent. */
  readonly times?: { readonly firstTimestamp: number; readonly maxTimestamp: number }
}

/** Records for one partition. */
export interface Append {
  topic: string
  partition: number
  messages: Messages
}

/** A partition of a topic. */
export interface Place {
  topic: string
  partition: number
}

/** A position of a group: the next offset to read, and up to 4,096 characters of ours beside it. */
export interface Position {
  offset: number
  metadata: string
}

/** The right to be the only writer under one transactional id, until somebody else takes it. */
export interface Lease {
  /**
   * Writes all records and moves the group's positions in one transaction: all of it becomes visible, or
   * nothing. After any error the lease must be dropped: its end is unknown until the next lease is taken.
   */
  commit(transaction: {
    appends: readonly Append[]
    group: string
    positions: readonly ({ topic: string; partition: number } & Position)[]
  }): Promise<void>
  /**
   * Ends what brokers that crashed have left hanging of a transaction under this id, when a position reads as `Unstable`
   * or records are hidden though the lease is held: as committed or rolled back, as `commit` says. Without that it ends
   * as the first partition says, which every transaction of the id that has records writes to, and nobody else: as
   * committed if its last record is visible, else rolled back.
   */
  settle(hanging: { group: string; partitions: readonly Place[]; commit?: boolean }): Promise<void>
}

/** Membership of a group that spreads the partitions of a topic over its members. */
export interface Membership {
  leave(): Promise<void>
}

export interface Log {
  /** The topic's number of partitions, freshly read. */
  partitions(topic: string): Promise<number>
  /** The first offset that still exists and the last stable offset. */
  bounds(topic: string, partition: number): Promise<{ start: number; end: number }>
  /**
   * The first record that readers are not shown because its transaction has not ended there; undefined when there is none.
   * For a partition with a single writer whose lease is held, that is what brokers that crashed have left hanging.
   */
  hidden(place: Place): Promise<HiddenRecord | undefined>
  /** Takes the lease, which ends whatever its former holder left open. Waits until it is granted or aborted. */
  lease(transactionalId: string, signal: AbortSignal): Promise<Lease>
  /** The committed position; undefined when nothing was ever committed. Read it only after taking the lease. */
  position(at: { group: string; topic: string; partition: number }): Promise<Position | undefined>
  reader(topic: string, memory?: ReadMemory): Reader
  /** Appends without a transaction, idempotently, acknowledged by all in-sync replicas. Gives the first offset. */
  append(append: Append): Promise<number>
  /** Joins the group; `assigned` is called with the complete new set at every change, also with none. */
  join(options: {
    group: string
    topic: string
    assigned: (partitions: number[]) => void
  }): Promise<Membership>
  close(): Promise<void>
}

/** Why the log refused. No one matches on the message. */
export type LogFaultReason =
  | 'OffsetOutOfRange'
  | 'UnknownPartition'
  /** A topic of the name is there already. */
  | 'Exists'
  | 'NotLeader'
  | 'Fenced'
  | 'TooLarge'
  | 'Corrupt'
  | 'Unsupported'
  | 'Refused'
  | 'Unreachable'
  /** A transaction is about to move the position, or hangs. */
  | 'Unstable'

/** An error of the log: what, where, why, what to do; `retry` says whether trying again can help. */
export class LogFault extends Error {
  override readonly name = 'LogFault'
  readonly reason: LogFaultReason
  readonly retry: boolean
  constructor(message: string, options: { reason: LogFaultReason; retry: boolean; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.reason = options.reason
    this.retry = options.retry
  }
}
