import { type Fields, LogFault, type LogRecord, type RecordBatch } from '../roles/log.ts'
import { type Span, spanOf } from '../span.ts'

/** Records, one after the other with the length before each, and what they count from. */
interface Records {
  bytes: Uint8Array
  baseOffset: number
  firstTimestamp: number
  /** The broker's time of the whole batch, when the topic keeps that instead of the writers' times. */
  appendTime: number | undefined
}

/** The records of one batch that readers may see. */
export class FetchedBatch implements RecordBatch {
  readonly bytes: Uint8Array
  readonly from: number
  readonly count: number
  readonly baseOffset: number
  readonly wanted: number
  readonly #records: Records
  #check: (() => void) | undefined
  #record: RecordCursor | undefined

  /** `check` throws when the bytes are damaged; it is called before they are shown. */
  constructor(batch: Records & { from: number; count: number; wanted: number; check?: () => void }) {
    this.bytes = batch.bytes
    this.from = batch.from
    this.count = batch.count
    this.baseOffset = batch.baseOffset
    this.wanted = batch.wanted
    this.#records = batch
    this.#check = batch.check
  }

  /** Throws Corrupt when the bytes are not those that were written. */
  check(): void {
    this.#check?.()
    this.#check = undefined
  }

  record(place: number): LogRecord {
    this.#record ??= new RecordCursor(this.#records, place)
    this.#record.seek(place)
    this.#record.advance()
    return this.#record
  }

  each({ place, count }: { place: number; count: number }, visit: (record: LogRecord) => void): void {
    this.check()
    const record = new RecordCursor(this.#records, place)
    for (let left = count; left > 0; left -= 1) {
      record.advance()
      if (record.offset >= this.wanted) visit(record)
    }
  }
}

/** One view that moves over the records of a batch. A field's bytes are cut out only when asked for. */
export class RecordCursor implements LogRecord {
  offset = 0
  timestamp = 0
  readonly #records: Records
  readonly #bytes: Uint8Array
  readonly #span: Span
  readonly #fields: Fields
  #next: number
  #from = 0
  #key = 0
  #keyLength = -1
  #value = 0
  #valueLength = -1

  constructor(records: Records, place: number) {
    this.#records = records
    this.#bytes = records.bytes
    this.#span = spanOf(records.bytes)
    this.#fields = { bytes: bufferOf(records.bytes), from: 0, end: 0, keyLength: -1, valueLength: -1 }
    this.#next = place
  }

  get key(): Uint8Array | null {
    return this.#keyLength < 0 ? null : this.#bytes.subarray(this.#key, this.#key + this.#keyLength)
  }

  get value(): Uint8Array | null {
    return this.#valueLength < 0 ? null : this.#bytes.subarray(this.#value, this.#value + this.#valueLength)
  }

  get span(): Span | null {
    if (this.#valueLength < 0) return null
    this.#span.from = this.#value
    this.#span.length = this.#valueLength
    return this.#span
  }

  get fields(): Fields {
    const fields = this.#fields
    fields.from = this.#from
    fields.end = this.#value + Math.max(0, this.#valueLength)
    fields.keyLength = this.#keyLength
    fields.valueLength = this.#valueLength
    return fields
  }

  /** Stands before the record at the place. */
  seek(place: number): void {
    this.#next = place
  }

  advance(): void {
    const { baseOffset, firstTimestamp, appendTime } = this.#records
    const length = this.#varint()
    const end = this.#next + length
    if (length < 6 || end > this.#bytes.length) throw corrupt(baseOffset, 'a record does not fit into it')
    this.#next++
    const time = this.#varint()
    this.timestamp = appendTime ?? firstTimestamp + time
    this.offset = baseOffset + this.#varint()
    this.#from = this.#next
    this.#keyLength = this.#varint()
    this.#key = this.#next
    if (this.#keyLength > 0) this.#next += this.#keyLength
    this.#valueLength = this.#varint()
    this.#value = this.#next
    if (this.#value + Math.max(0, this.#valueLength) > end)
      throw corrupt(baseOffset, 'a field does not fit into it')
    this.#next = end
  }

  /** Zigzag; bits while they fit, doubles beyond. */
  #varint(): number {
    let byte = this.#bytes[this.#next++] ?? 0
    if (byte < 128) return (byte >>> 1) ^ -(byte & 1)
    let raw = byte & 127
    let factor = 128
    do {
      byte = this.#bytes[this.#next++] ?? 0
      raw += (byte & 127) * factor
      factor *= 128
    } while (byte >= 128)
    return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
  }
}

const bufferOf = ({ buffer, byteOffset, length }: Uint8Array) => Buffer.from(buffer, byteOffset, length)

/** A batch that its writer did not write like this. */
export const corrupt = (baseOffset: number, text: string, cause?: unknown) =>
  new LogFault(`the batch at offset ${baseOffset} is damaged: ${text}`, {
    reason: 'Corrupt',
    retry: true,
    cause,
  })
