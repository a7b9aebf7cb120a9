import { batchHeaderBytes } from '../record-writer.ts'

/**
 * The layout of a record batch, magic 2 (https://kafka.apache.org/documentation/#recordbatch), by offset from its
 * first byte. Records begin at `records`.
 */
export const at = {
  baseOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  firstTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
  records: batchHeaderBytes,
} as const

/** The length field counts from here. */
export const lengthFrom = at.leaderEpoch

export const attribute = { codec: 7, logAppendTime: 8, transactional: 16, control: 32 } as const

/** Offsets, producer ids and times fit a double: 2^53 records are more than a log can hold. */
export function readInt64(bytes: DataView, offset: number): number {
  return bytes.getInt32(offset) * 2 ** 32 + bytes.getUint32(offset + 4)
}
