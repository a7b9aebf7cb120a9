import { crc32c } from '@node-rs/crc32'
import type { Message } from '../roles/log.ts'
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

/** The messages as batches in their order; a message without timestamp gets `now` (milliseconds). */
export function encodeBatches(messages: readonly Message[], now: number): Batch[] {
  const batches: Batch[] = []
  for (let from = 0; from < messages.length;) {
    const batch = encodeBatch(messages, from, now)
    batches.push(batch)
    from += batch.count
  }
  return batches
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
function encodeBatch(messages: readonly Message[], from: number, now: number): Batch {
  const writer = new Writer(expectedSize(messages, from))
  writer.end = at.records
  const firstTimestamp = messages[from]?.timestamp ?? now
  let maxTimestamp = firstTimestamp
  let index = from
  for (; index < messages.length; index++) {
    const message = messages[index]
    if (!message) break
    const timestamp = message.timestamp ?? now
    const body = recordSize(message, timestamp - firstTimestamp, index - from)
    if (index > from && writer.end + body + 5 > batchLimit) break
    maxTimestamp = Math.max(maxTimestamp, timestamp)
    writer.room(body + 5)
    writer.varint(body)
    writeRecord(writer, message, [timestamp - firstTimestamp, index - from])
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

function writeRecord(writer: Writer, message: Message, [time, offset]: readonly [number, number]): void {
  writer.varint(0)
  writer.varint(time)
  writer.varint(offset)
  writer.field(message.key)
  writer.field(message.value)
  const headers = message.headers
  writer.varint(headers ? Object.keys(headers).length : 0)
  for (const name in headers) {
    writer.text(name)
    writer.text(headers[name] ?? '')
  }
}

function recordSize({ key, value, headers }: Message, time: number, offset: number): number {
  let size = 1 + varintSize(time) + varintSize(offset) + fieldSize(key) + fieldSize(value)
  if (!headers) return size + 1
  const names = Object.keys(headers)
  size += varintSize(names.length)
  for (const name of names) size += textSize(name) + textSize(headers[name] ?? '')
  return size
}

const fieldSize = (field: Uint8Array | null) => (field === null ? 1 : varintSize(field.length) + field.length)

const textSize = (text: string) => {
  const length = byteLength(text)
  return varintSize(length) + length
}

/** Longer texts, and those that are not ASCII, are left to the encoder. */
const shortText = 64

const isShort = (text: string): boolean => {
  if (text.length > shortText) return false
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 127) return false
  return true
}

/** Headers are short words: calling the encoder for each costs more than the rest of a record. */
const byteLength = (text: string): number => (isShort(text) ? text.length : Buffer.byteLength(text))

/** Zigzag keeps small negative numbers short; doubles serve, as times are below 2^52. */
const zigzag = (value: number) => (value >= 0 ? 2 * value : -2 * value - 1)

function varintSize(value: number): number {
  let size = 1
  for (let rest = zigzag(value); rest >= 128; rest = Math.floor(rest / 128)) size++
  return size
}

/** Bytes of a record beside key and value without headers: lengths and differences as varints. */
const frame = 16

/** What a batch will need, so that it seldom has to grow: headers are not looked at. */
function expectedSize(messages: readonly Message[], from: number): number {
  let size = at.records
  for (let index = from; index < messages.length && size < batchLimit; index++) {
    const { key, value } = messages[index] ?? {}
    size += (key?.length ?? 0) + (value?.length ?? 0) + frame
  }
  return size
}

/** A buffer that grows. */
class Writer {
  bytes: Buffer
  end = 0

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size)
  }

  room(size: number): void {
    if (this.end + size <= this.bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(2 * this.bytes.length, this.end + size))
    this.bytes.copy(grown, 0, 0, this.end)
    this.bytes = grown
  }

  varint(value: number): void {
    let rest = zigzag(value)
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.bytes[this.end++] = (rest % 128) | 128
    this.bytes[this.end++] = rest
  }

  field(field: Uint8Array | null): void {
    this.varint(field === null ? -1 : field.length)
    if (field === null) return
    this.bytes.set(field, this.end)
    this.end += field.length
  }

  text(text: string): void {
    const length = byteLength(text)
    this.varint(length)
    if (length > shortText || length !== text.length) {
      this.end += this.bytes.write(text, this.end, length, 'utf8')
      return
    }
    const { bytes, end } = this
    for (let at = 0; at < length; at++) bytes[end + at] = text.charCodeAt(at)
    this.end = end + length
  }
}
