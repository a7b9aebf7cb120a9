import { RecordWriter, varintSize } from '../record-writer.ts'
import type { Fields, LogRecord } from '../roles/log.ts'

/**
 * Bytes of key, value and headers together: what a broker takes by default in a batch (1,048,588), less the frame.
 * A dead letter is longer than its event by its headers; one that did not fit would stop the partition for good.
 */
const mostBytes = 1_048_000
/** Bytes of a key that are kept: keys are ids. */
const mostKeyBytes = 65_536
/** Of the lengths of key and value. */
const lengthBytes = 16

const keptLength = (bytes: Uint8Array | null, most: number): number =>
  bytes === null ? -1 : Math.max(0, Math.min(bytes.length, most))

/** Whether key and value need not be cut, and their lengths are written as anybody would. */
export const isWhole = ({ from, end, keyLength, valueLength }: Fields, headerBytes: number): boolean => {
  if (keyLength < -1 || keyLength > mostKeyBytes || valueLength < -1) return false
  if (end - from > mostBytes - headerBytes) return false
  const size = Math.max(0, keyLength) + Math.max(0, valueLength)
  return end - from === size + varintSize(keyLength) + varintSize(valueLength)
}

/** As much of key and value as a letter can have, written elsewhere; `whole` is the length of the value. */
export const cutFields = ({ key, value }: LogRecord, headerBytes: number): Fields & { whole: number } => {
  const keyLength = keptLength(key, mostKeyBytes)
  const valueLength = keptLength(value, mostBytes - headerBytes - Math.max(0, keyLength))
  const writer = new RecordWriter()
  writer.room(lengthBytes + Math.max(0, keyLength) + Math.max(0, valueLength))
  writer.field(key && key.subarray(0, keyLength))
  writer.field(value && value.subarray(0, valueLength))
  const { bytes, end } = writer
  return { bytes, from: 0, end, keyLength, valueLength, whole: value?.length ?? -1 }
}
