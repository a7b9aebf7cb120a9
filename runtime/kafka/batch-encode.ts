import { crc32c } from '@node-rs/crc32'
import type { Message, Messages, RecordHeaders } from '../roles/log.ts'
import { at, attribute, lengthFrom } from './batch.ts'

/** Records of one partition as a batch that waits for its producer's stamp. */
export interface Batch {
  bytes: Buffer
  count: number
}

/** Who writes a batch, and its place in the row of this producer's batches to the partition. */
export interface Stamp {
  producerId: bigint
  epoch: number
  sequence: number
  transactional: boolean
}

/** Most bytes of a batch of more than one record: below the broker's default limit of 1,048,588. */
const batchLimit = 900_000

/**
 * The messages as batches in their order; a message without timestamp gets `now` (milliseconds). Where a memory is given
 * they lie in it, each until the next one is made.
 */
export function* encodeBatches(messages: Messages, now: number, memory?: Writer): Generator<Batch> {
  for (let from = 0; from < messages.length;) {
    const batch = encodeBatch(memory ?? new Writer(), { messages, from, now })
    yield batch
    from += batch.count
  }
}

/** Writes producer and sequence into the batch, and then its CRC-32C. */
export function stamp(batch: Batch, { producerId, epoch, sequence, transactional }: Stamp): Buffer {
  const { bytes } = batch
  bytes.writeInt16BE(transactional ? attribute.transactional : 0, at.attributes)
  bytes.writeBigInt64BE(producerId, at.producerId)
  bytes.writeInt16BE(epoch, at.producerEpoch)
  bytes.writeInt32BE(sequence, at.baseSequence)
  bytes.writeUInt32BE(crc32c(bytes.subarray(at.attributes)), at.crc)
  return bytes
}

/** As many messages from `from` on as fit, at least one. */
function encodeBatch(
  writer: Writer,
  { messages, from, now }: { messages: Messages; from: number; now: number },
): Batch {
  writer.end = 0
  writer.room(at.records)
  writer.end = at.records
  const firstTimestamp = messages.at(from)?.timestamp ?? now
  let maxTimestamp = firstTimestamp
  let index = from
  for (; index < messages.length; index++) {
    const message = messages.at(index)
    if (!message) break
    const timestamp = message.timestamp ?? now
    const start = writer.end
    writeRecord(writer, message, { time: timestamp - firstTimestamp, offset: index - from })
    if (index > from && writer.end > batchLimit) {
      writer.end = start
      break
    }
    maxTimestamp = Math.max(maxTimestamp, timestamp)
  }
  const bytes = writer.bytes.subarray(0, writer.end)
  header(bytes, { count: index - from, firstTimestamp, maxTimestamp })
  return { bytes, count: index - from }
}

function header(
  bytes: Buffer,
  { count, firstTimestamp, maxTimestamp }: { count: number; firstTimestamp: number; maxTimestamp: number },
): void {
  bytes.fill(0, 0, at.records)
  bytes.writeInt32BE(bytes.length - lengthFrom, at.length)
  bytes.writeInt32BE(-1, at.leaderEpoch)
  bytes.writeInt8(2, at.magic)
  bytes.writeInt32BE(count - 1, at.lastOffsetDelta)
  bytes.writeBigInt64BE(BigInt(firstTimestamp), at.firstTimestamp)
  bytes.writeBigInt64BE(BigInt(maxTimestamp), at.maxTimestamp)
  bytes.writeInt32BE(count, at.count)
}

/** Time and offset of a record, counted from those of its batch. */
interface Place {
  time: number
  offset: number
}

/** Bytes of the length of most records, which is known when they are written. */
const usualLength = 2
/** Bytes of the numbers in a record, at most. */
const numberBytes = 48

function writeRecord(writer: Writer, message: Message, { time, offset }: Place): void {
  const { key, value } = message
  const start = writer.end
  writer.room((key?.length ?? 0) + (value?.length ?? 0) + numberBytes)
  writer.end = start + usualLength
  writer.varint(0)
  writer.varint(time)
  writer.varint(offset)
  writer.field(key)
  writer.field(value)
  writeHeaders(writer, message)
  writer.lengthBefore(start)
}

const none: RecordHeaders = {}

/** Room for what they take is made as they are written. */
function writeHeaders(writer: Writer, { common, headers = none }: Message): void {
  const first = common && encodedOnce(common)
  let count = first?.count ?? 0
  for (const _ in headers) count++
  writer.room((first?.bytes.length ?? 0) + 5)
  writer.varint(count)
  if (first !== undefined) writer.append(first.bytes)
  writer.headers(headers)
}

/** Headers as they stand in a record. */
interface Encoded {
  count: number
  bytes: Uint8Array
}

const encoded = new WeakMap<RecordHeaders, Encoded>()

function encodedOnce(headers: RecordHeaders): Encoded {
  const known = encoded.get(headers)
  if (known !== undefined) return known
  const writer = new Writer()
  writer.headers(headers)
  const made = { count: Object.keys(headers).length, bytes: writer.bytes.subarray(0, writer.end) }
  encoded.set(headers, made)
  return made
}

/** Zigzag keeps small negative numbers short; doubles serve, as times are below 2^52. */
const zigzag = (value: number) => (value >= 0 ? 2 * value : -2 * value - 1)

function varintSize(value: number): number {
  let size = 1
  for (let rest = zigzag(value); rest >= 128; rest = Math.floor(rest / 128)) size++
  return size
}

/** The length of a longer text takes more than a byte; those, and texts that are not ASCII, are left to the encoder. */
const shortText = 63

/** A buffer that grows. */
class Writer {
  bytes = Buffer.alloc(0)
  end = 0

  room(size: number): void {
    if (this.end + size <= this.bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(2 * this.bytes.length, this.end + size))
    this.bytes.copy(grown, 0, 0, this.end)
    this.bytes = grown
  }

  varint(value: number): void {
    let rest = zigzag(value)
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.bytes[this.end++] = (rest % 128) | 128
    this.bytes[this.end++] = rest
  }

  /** Writes the length of what was written since, two bytes behind the place, into the bytes between, or as many as it takes. */
  lengthBefore(start: number): void {
    const length = this.end - start - usualLength
    const size = varintSize(length)
    if (size !== usualLength) {
      this.room(size)
      this.bytes.copyWithin(start + size, start + usualLength, this.end)
    }
    this.end = start
    this.varint(length)
    this.end += length
  }

  field(field: Uint8Array | null): void {
    this.varint(field === null ? -1 : field.length)
    if (field === null) return
    this.bytes.set(field, this.end)
    this.end += field.length
  }

  /** Makes room for what it writes. Headers are short words: calling the encoder for each would cost more than all the rest. */
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

  headers(headers: RecordHeaders): void {
    for (const name in headers) {
      this.text(name)
      this.text(headers[name] ?? '')
    }
  }

  /** Bytes for which there is room. */
  append(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.end)
    this.end += bytes.length
  }
}

/** Memory for batches, of the size of the largest one so far. */
export { Writer as BatchMemory }
