import { batchHeaderBytes, batchLimit, RecordWriter } from '../record-writer.ts'
import type { Message, Messages, WrittenRecords } from '../roles/log.ts'
import { longestEvent, type Sheet } from './event-text.ts'

/** Bytes of a record beside its key and its event: lengths and times, at most. */
const frameBytes = 64
/** Numbers of each event: where its key begins and the event, their lengths, the time. */
const numbersEach = 5

/**
 * Events of one batch, each written at once as it will stand there: at full rate a message for each, with views of its key
 * and its text, would be what costs most. It is used again once it was cleared.
 */
export class EventBatch implements Messages {
  readonly #writer = new RecordWriter()
  readonly #numbers: number[] = []
  #length = 0
  #first = 0
  #newest = 0

  get length(): number {
    return this.#length
  }

  /** Whether another event of whatever length fits. */
  get hasRoom(): boolean {
    return this.#writer.end + longestEvent + frameBytes <= batchLimit
  }

  get written(): readonly WrittenRecords[] {
    const { bytes, end } = this.#writer
    const times = { firstTimestamp: this.#first, maxTimestamp: this.#newest }
    return [{ bytes, from: batchHeaderBytes, end, count: this.#length, times }]
  }

  /** Adds an event of a time, in milliseconds since the epoch, whose text is written by `write`. */
  add({ key, timestamp }: { key: Uint8Array; timestamp: number }, write: (sheet: Sheet) => void): void {
    const writer = this.#writer
    if (this.#length === 0) {
      this.#first = this.#newest = timestamp
      writer.beginBatch()
    }
    const place = { time: timestamp - this.#first, offset: this.#length }
    const record = writer.begin(place, key.length + longestEvent + frameBytes)
    writer.field(key)
    const keyEnd = writer.end
    const length = writer.leaveLength()
    const valueAt = writer.end
    write(writer)
    const valueLength = writer.end - valueAt
    const valueMoved = writer.finish(length)
    writer.varint(0) // headers
    const moved = writer.finish(record)
    const numbers = this.#numbers
    const at = this.#length * numbersEach
    numbers[at] = keyEnd - key.length + moved
    numbers[at + 1] = key.length
    numbers[at + 2] = valueAt + valueMoved + moved
    numbers[at + 3] = valueLength
    numbers[at + 4] = timestamp
    this.#length += 1
    if (timestamp > this.#newest) this.#newest = timestamp
  }

  at(index: number): Message | undefined {
    if (index >= this.#length) return undefined
    const at = index * numbersEach
    const [keyAt = 0, key = 0, valueAt = 0, value = 0, timestamp = 0] = this.#numbers.slice(
      at,
      at + numbersEach,
    )
    const { bytes } = this.#writer
    return {
      key: bytes.subarray(keyAt, keyAt + key),
      value: bytes.subarray(valueAt, valueAt + value),
      timestamp,
    }
  }

  *[Symbol.iterator](): IterableIterator<Message> {
    for (let index = 0; index < this.#length; index += 1) {
      const message = this.at(index)
      if (message !== undefined) yield message
    }
  }

  clear(): void {
    this.#writer.end = 0
    this.#length = 0
  }
}
