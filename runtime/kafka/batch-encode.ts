import { crc32c } from '@node-rs/crc32'
import { batchLimit, RecordWriter } from '../record-writer.ts'
import type { Message, Messages, RecordHeaders, WrittenRecords } from '../roles/log.ts'
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

/**
 * The messages as batches in their order; a message without timestamp gets `now` (milliseconds). Where a memory is given
 * they lie in it, each until the next one is made.
 */
export function* encodeBatches(messages: Messages, now: number, memory?: RecordWriter): Generator<Batch> {
  if (messages.written !== undefined) {
    for (const records of messages.written) yield framed(records, now)
    return
  }
  for (let from = 0; from < messages.length;) {
    const batch = encodeBatch(memory ?? new RecordWriter(), { messages, from, now })
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

/** A batch of records that are written already. */
function framed(records: WrittenRecords, now: number): Batch {
  const { bytes, from, end, count, times = { firstTimestamp: now, maxTimestamp: now } } = records
  return finish(bytes.subarray(from - at.records, end), { count, ...times })
}

/** As many messages from `from` on as fit, at least one. */
function encodeBatch(
  writer: RecordWriter,
  { messages, from, now }: { messages: Messages; from: number; now: number },
): Batch {
  writer.end = 0
  writer.beginBatch()
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
  return finish(bytes, { count: index - from, firstTimestamp, maxTimestamp })
}

/** Writes the header of a batch but for what its stamp tells. */
function finish(
  bytes: Buffer,
  { count, firstTimestamp, maxTimestamp }: { count: number; firstTimestamp: number; maxTimestamp: number },
): Batch {
  bytes.fill(0, 0, at.records)
  bytes.writeInt32BE(bytes.length - lengthFrom, at.length)
  bytes.writeInt32BE(-1, at.leaderEpoch)
  bytes.writeInt8(2, at.magic)
  bytes.writeInt32BE(count - 1, at.lastOffsetDelta)
  bytes.writeBigInt64BE(BigInt(firstTimestamp), at.firstTimestamp)
  bytes.writeBigInt64BE(BigInt(maxTimestamp), at.maxTimestamp)
  bytes.writeInt32BE(count, at.count)
  return { bytes, count }
}

const none: RecordHeaders = {}

function writeRecord(
  writer: RecordWriter,
  { key, value, headers = none }: Message,
  place: { time: number; offset: number },
): void {
  const start = writer.begin(place, (key?.length ?? 0) + (value?.length ?? 0))
  writer.field(key)
  writer.field(value)
  let count = 0
  for (const _ in headers) count++
  writer.varint(count)
  writer.headers(headers)
  writer.finish(start)
}
