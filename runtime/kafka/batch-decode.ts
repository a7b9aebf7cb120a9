import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { crc32c } from '@node-rs/crc32'
import { LogFault, type LogRecord } from '../roles/log.ts'
import { type Span, spanOf } from '../span.ts'
import { at, attribute, lengthFrom, readInt64 } from './batch.ts'

/** A transaction that was rolled back: records of this producer from this offset on, up to its abort marker. */
export interface Aborted {
  producerId: number
  firstOffset: number
}

/** The records of one batch that readers may see. */
export interface Block {
  /** Record after record, each with its length before it. */
  bytes: Uint8Array
  from: number
  count: number
  baseOffset: number
  firstTimestamp: number
  /** The broker's time of the whole batch, when the topic keeps that instead of the writers' times. */
  appendTime: number | undefined
}

/** What a fetch brought of one partition. */
export interface Decoded {
  blocks: Block[]
  /** The offset after the last complete batch; the asked one when there is none. */
  next: number
}

/**
 * Takes the batches of a Fetch response apart: checks their CRC-32C, drops control records and those of aborted
 * transactions, decompresses. The last batch may be cut off by the limit of the fetch and is then left. Throws
 * Corrupt or Unsupported.
 */
export function decodeBatches(
  records: Uint8Array,
  offset: number,
  aborted: readonly Aborted[] = [],
): Decoded {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  const isAborted = abortedFilter(aborted)
  const blocks: Block[] = []
  let next = offset
  for (let from = 0; from + at.records <= records.length;) {
    const length = lengthFrom + view.getInt32(from + at.length)
    if (from + length > records.length) break
    const bytes = records.subarray(from, from + length)
    const batch = readBatch(bytes, new DataView(bytes.buffer, bytes.byteOffset, length))
    const hidden = isAborted(batch)
    if (!hidden && !batch.control && batch.count > 0 && batch.lastOffset >= offset)
      blocks.push(block(batch, bytes))
    next = Math.max(next, batch.lastOffset + 1)
    from += length
  }
  return { blocks, next }
}

interface BatchHeader {
  baseOffset: number
  lastOffset: number
  firstTimestamp: number
  appendTime: number | undefined
  codec: number
  transactional: boolean
  control: boolean
  /** Type of the control record: 0 abort, 1 commit. */
  marker: number | undefined
  producerId: number
  count: number
}

function readBatch(bytes: Uint8Array, view: DataView): BatchHeader {
  const baseOffset = readInt64(view, at.baseOffset)
  const magic = view.getInt8(at.magic)
  if (magic !== 2) throw unsupported(baseOffset, `its format is ${magic}, older than Kafka 0.11`)
  if (crc32c(bytes.subarray(at.attributes)) !== view.getUint32(at.crc))
    throw corrupt(baseOffset, 'its CRC-32C does not match')
  const attributes = view.getInt16(at.attributes)
  const control = (attributes & attribute.control) !== 0
  return {
    baseOffset,
    lastOffset: baseOffset + view.getInt32(at.lastOffsetDelta),
    firstTimestamp: readInt64(view, at.firstTimestamp),
    appendTime: attributes & attribute.logAppendTime ? readInt64(view, at.maxTimestamp) : undefined,
    codec: attributes & attribute.codec,
    transactional: (attributes & attribute.transactional) !== 0,
    control,
    marker: control ? markerType(bytes) : undefined,
    producerId: readInt64(view, at.producerId),
    count: view.getInt32(at.count),
  }
}

/** The key of a control record is its version and type, two bytes each. A cleaned batch has none. */
function markerType(bytes: Uint8Array): number | undefined {
  const record = new RecordCursor({
    bytes,
    from: at.records,
    count: 1,
    baseOffset: 0,
    firstTimestamp: 0,
    appendTime: 0,
  })
  if (bytes.length <= at.records) return undefined
  record.advance()
  return record.key?.[3]
}

/**
 * Tells the batches of aborted transactions, in the order of the log. The broker's list is not sorted; a producer
 * is aborted from its first offset in the list to its next abort marker.
 */
function abortedFilter(list: readonly Aborted[]): (batch: BatchHeader) => boolean {
  const coming = [...list].sort((a, b) => b.firstOffset - a.firstOffset)
  const active = new Set<number>()
  return ({ lastOffset, producerId, transactional, marker }) => {
    for (let last = coming.at(-1); last && last.firstOffset <= lastOffset; last = coming.at(-1)) {
      active.add(last.producerId)
      coming.pop()
    }
    if (marker === 0) active.delete(producerId)
    return transactional && active.has(producerId)
  }
}

function block(
  { codec, baseOffset, firstTimestamp, appendTime, count }: BatchHeader,
  bytes: Uint8Array,
): Block {
  const rest = { count, baseOffset, firstTimestamp, appendTime }
  if (codec === 0) return { bytes, from: at.records, ...rest }
  return { bytes: decompress(codec, bytes.subarray(at.records), baseOffset), from: 0, ...rest }
}

function decompress(codec: number, bytes: Uint8Array, baseOffset: number): Uint8Array {
  const name = ['none', 'gzip', 'snappy', 'lz4', 'zstd'][codec] ?? `codec ${codec}`
  if (name !== 'gzip' && name !== 'zstd')
    throw unsupported(baseOffset, `it is compressed by ${name}: set the writer to gzip, zstd or none`)
  try {
    return name === 'gzip' ? gunzipSync(bytes) : zstdDecompressSync(bytes)
  } catch (cause) {
    throw corrupt(baseOffset, `its ${name} data is damaged`, cause)
  }
}

/** Shows the records of the blocks from `offset` on. The record object is the same every time. */
export function visitRecords(
  blocks: readonly Block[],
  offset: number,
  visit: (record: LogRecord) => void,
): void {
  for (const block of blocks) {
    const record = new RecordCursor(block)
    for (let left = block.count; left > 0; left--) {
      record.advance()
      if (record.offset >= offset) visit(record)
    }
  }
}

/** One view that moves over the records of a block. A field's bytes are cut out only when asked for. */
class RecordCursor implements LogRecord {
  offset = 0
  timestamp = 0
  readonly #block: Block
  readonly #bytes: Uint8Array
  readonly #span: Span
  #next: number
  #key = 0
  #keyLength = -1
  #value = 0
  #valueLength = -1

  constructor(block: Block) {
    this.#block = block
    this.#bytes = block.bytes
    this.#span = spanOf(block.bytes)
    this.#next = block.from
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

  advance(): void {
    const { baseOffset, firstTimestamp, appendTime } = this.#block
    const length = this.#varint()
    const end = this.#next + length
    if (length < 6 || end > this.#bytes.length) throw corrupt(baseOffset, 'a record does not fit into it')
    this.#next++
    const time = this.#varint()
    this.timestamp = appendTime ?? firstTimestamp + time
    this.offset = baseOffset + this.#varint()
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

const corrupt = (baseOffset: number, text: string, cause?: unknown) =>
  new LogFault(`the batch at offset ${baseOffset} is damaged: ${text}`, {
    reason: 'Corrupt',
    retry: true,
    cause,
  })

const unsupported = (baseOffset: number, text: string) =>
  new LogFault(`the batch at offset ${baseOffset} cannot be read: ${text}`, {
    reason: 'Unsupported',
    retry: false,
  })
