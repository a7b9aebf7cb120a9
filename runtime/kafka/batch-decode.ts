import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { crc32c } from '@node-rs/crc32'
import { LogFault } from '../roles/log.ts'
import { at, attribute, lengthFrom, readInt64 } from './batch.ts'
import { corrupt, FetchedBatch, RecordCursor } from './records.ts'

/** A transaction that was rolled back: records of this producer from this offset on, up to its abort marker. */
export interface Aborted {
  producerId: number
  firstOffset: number
}

export interface Decoding {
  /** Transactions of which nothing may be shown, as the broker tells them. */
  aborted?: readonly Aborted[]
  /** CRC-32C; by default the library's. */
  checksum?: (bytes: Uint8Array) => number
}

/** What a fetch brought of one partition. */
export interface Decoded {
  /** Each is unpacked when it comes, so that those of a fetch are never unpacked all at once. */
  batches: Iterable<FetchedBatch>
  /** The offset after the last complete batch; the asked one when there is none. */
  next: number
}

/**
 * Takes the batches of a Fetch response apart: drops control records and those of aborted transactions. The last batch may
 * be cut off by the limit of the fetch and is then left. The CRC-32C of what is dropped is checked here, that of the
 * others when they come or are shown, so that their bytes are near when they are read then.
 * Throws Corrupt or Unsupported, here and where batches come.
 */
export function decodeBatches(
  records: Uint8Array,
  offset: number,
  { aborted = [], checksum = crc32c }: Decoding = {},
): Decoded {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  const isAborted = abortedFilter(aborted)
  const shown: (() => FetchedBatch)[] = []
  let next = offset
  for (let from = 0; from + at.records <= records.length;) {
    const length = lengthFrom + view.getInt32(from + at.length)
    if (from + length > records.length) break
    const bytes = records.subarray(from, from + length)
    const batch = readBatch(bytes, new DataView(bytes.buffer, bytes.byteOffset, length))
    const check = checking(bytes, { batch, checksum })
    const hidden = isAborted(batch) || batch.control || batch.count <= 0 || batch.lastOffset < offset
    if (hidden) check()
    else shown.push(() => new FetchedBatch({ ...placed(batch, bytes, check), wanted: offset }))
    next = Math.max(next, batch.lastOffset + 1)
    from += length
  }
  return { batches: made(shown), next }
}

const made = <T>(makers: readonly (() => T)[]): Iterable<T> => ({
  *[Symbol.iterator]() {
    for (const make of makers) yield make()
  },
})

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

/** Whether the first batch is the mark that ends a transaction as committed. */
export function marksCommit(records: Uint8Array): boolean {
  if (records.length < at.records) return false
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  return readBatch(records, view).marker === 1
}

/** Throws Corrupt when called, if the bytes are not those that were written. */
const checking =
  (bytes: Uint8Array, { batch, checksum }: { batch: BatchHeader; checksum: (bytes: Uint8Array) => number }) =>
  (): void => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, at.records)
    if (checksum(bytes.subarray(at.attributes)) !== view.getUint32(at.crc))
      throw corrupt(batch.baseOffset, 'its CRC-32C does not match')
  }

/** The key of a control record is its version and type, two bytes each. A cleaned batch has none. */
function markerType(bytes: Uint8Array): number | undefined {
  if (bytes.length <= at.records) return undefined
  const record = new RecordCursor({ bytes, baseOffset: 0, firstTimestamp: 0, appendTime: 0 }, at.records)
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

function placed(batch: BatchHeader, bytes: Uint8Array, check: () => void) {
  const { codec, baseOffset, firstTimestamp, appendTime, count } = batch
  const rest = { count, baseOffset, firstTimestamp, appendTime }
  if (codec === 0) return { bytes, from: at.records, check, ...rest }
  check()
  return { bytes: decompress(codec, bytes.subarray(at.records), baseOffset), from: 0, ...rest }
}

/** Bytes of a batch unpacked: sixty times what brokers take by default. A bomb of zeros has a thousand times. */
const mostUnpacked = 64 * 2 ** 20

function decompress(codec: number, bytes: Uint8Array, baseOffset: number): Uint8Array {
  const name = ['none', 'gzip', 'snappy', 'lz4', 'zstd'][codec] ?? `codec ${codec}`
  if (name !== 'gzip' && name !== 'zstd')
    throw unsupported(baseOffset, `it is compressed by ${name}: set the writer to gzip, zstd or none`)
  const limit = { maxOutputLength: mostUnpacked }
  try {
    return name === 'gzip' ? gunzipSync(bytes, limit) : zstdDecompressSync(bytes, limit)
  } catch (cause) {
    if (cause instanceof RangeError)
      throw unsupported(baseOffset, `its ${name} data unpack to more than ${mostUnpacked} bytes`)
    throw corrupt(baseOffset, `its ${name} data is damaged`, cause)
  }
}

const unsupported = (baseOffset: number, text: string) =>
  new LogFault(`the batch at offset ${baseOffset} cannot be read: ${text}`, {
    reason: 'Unsupported',
    retry: false,
  })
