import type { RecordHeaders } from './roles/log.ts'

/** Bytes of the length of most records, which is known when they are written. */
const usualLength = 2
/** Bytes of the numbers in a record, at most. */
const numberBytes = 48
/** The length of a longer text takes more than a byte; those, and texts that are not ASCII, are left to the encoder. */
const shortText = 63

/** The highest number of a signed word. */
const mostOfWord = 0x7fffffff

/** Bytes in front of the records of a batch. */
export const batchHeaderBytes = 61

/** Most bytes of a batch of more than one record: below the broker's default limit of 1,048,588. */
export const batchLimit = 900_000

/** Zigzag keeps small negative numbers short; doubles serve, as times are below 2^52. */
const zigzag = (value: number) => (value >= 0 ? 2 * value : -2 * value - 1)

/** Bytes of a number. */
export function varintSize(value: number): number {
  let size = 1
  for (let rest = zigzag(value); rest >= 128; rest = Math.floor(rest / 128)) size++
  return size
}

/** Writes records of Kafka's message format v2 one after the other into a buffer that grows. */
export class RecordWriter {
  bytes = Buffer.alloc(0)
  end = 0

  room(size: number): void {
    if (this.end + size <= this.bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(2 * this.bytes.length, this.end + size))
    this.bytes.copy(grown, 0, 0, this.end)
    this.bytes = grown
  }

  /** Leaves room for the header of a batch, and gives the place of its first record. */
  beginBatch(): number {
    this.room(batchHeaderBytes)
    this.end += batchHeaderBytes
    return this.end
  }

  /** Begins a record, makes room for fields of this size, and gives its place. Time and offset count from those of its batch. */
  begin({ time, offset }: { time: number; offset: number }, fields: number): number {
    this.room(fields + numberBytes)
    const start = this.end
    this.end = start + usualLength
    this.varint(0) // attributes, of which there are none
    this.varint(time)
    this.varint(offset)
    return start
  }

  /** Leaves room for the length of a field that is about to be written, and gives its place. */
  leaveLength(): number {
    this.end += usualLength
    return this.end - usualLength
  }

  /** Writes the length of a record or a field into the bytes that were left at its place, or as many as it takes; gives how far that moved the rest. */
  finish(start: number): number {
    const length = this.end - start - usualLength
    const size = varintSize(length)
    if (size !== usualLength) {
      this.room(size)
      this.bytes.copyWithin(start + size, start + usualLength, this.end)
    }
    this.end = start
    this.varint(length)
    this.end += length
    return size - usualLength
  }

  varint(value: number): void {
    let rest = zigzag(value)
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.bytes[this.end++] = (rest % 128) | 128
    this.bytes[this.end++] = rest
  }

  /** A key or a value, for which there is room. */
  field(field: Uint8Array | null): void {
    this.varint(field === null ? -1 : field.length)
    if (field !== null) this.append(field)
  }

  /** Makes room for what it writes, as `text` does. */
  headers(headers: RecordHeaders): void {
    for (const name in headers) {
      this.text(name)
      this.text(headers[name] ?? '')
    }
  }

  /** Headers are short words: calling the encoder for each would cost more than all the rest. */
  text(text: string): void {
    this.room(3 * text.length + 5)
    if (text.length <= shortText && this.#ascii(text)) return
    const length = Buffer.byteLength(text)
    this.varint(length)
    this.end += this.bytes.write(text, this.end, length, 'utf8')
  }

  /** Writes a short text; false, and nothing written, when it is not ASCII. */
  #ascii(text: string): boolean {
    const bytes = this.bytes
    const from = this.end + 1
    const length = text.length
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at)
      if (code > 127) return false
      bytes[from + at] = code
    }
    bytes[from - 1] = zigzag(length)
    this.end = from + length
    return true
  }

  /** A whole number from 0 on as a text of digits, for which there is room: strings of many would be what costs most. */
  digits(value: number): void {
    const bytes = this.bytes
    let size = 1
    for (let power = 10; power <= value; power *= 10) size++
    this.varint(size)
    let rest = value
    let at = this.end + size - 1
    for (; rest > mostOfWord; at--) {
      const higher = Math.floor(rest / 10)
      bytes[at] = 48 + (rest - 10 * higher)
      rest = higher
    }
    // Dividing a word is a multiplication, dividing a double is not.
    for (let word = rest | 0; at >= this.end; at--) {
      const higher = (word / 10) | 0
      bytes[at] = 48 + word - 10 * higher
      word = higher
    }
    this.end += size
  }

  /** Bytes for which there is room. */
  append(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.end)
    this.end += bytes.length
  }

  /** A piece of a buffer, for which there is room: without a view of it, which would be garbage each time. */
  appendPiece(bytes: Buffer, { from, end }: { from: number; end: number }): void {
    bytes.copy(this.bytes, this.end, from, end)
    this.end += end - from
  }
}
