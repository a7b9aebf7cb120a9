import { at } from '../kafka/batch.ts'
import { decodeBatches } from '../kafka/batch-decode.ts'
import { encodeBatches, stamp } from '../kafka/batch-encode.ts'
import type { Message, RecordBatch } from '../roles/log.ts'

/** The messages as batches that a reader has fetched, their offsets from `base` on. */
export const fetchedBatches = (messages: readonly Message[], base = 0): RecordBatch[] => {
  let offset = base
  return [...encodeBatches(messages, 0)].flatMap((batch) => {
    const bytes = stamp(batch, { producerId: 1n, epoch: 0, sequence: 0, transactional: false })
    bytes.writeBigInt64BE(BigInt(offset), at.baseOffset)
    offset += batch.count
    return [...decodeBatches(bytes, base).batches]
  })
}

/** A batch with this one value. */
export const batchOf = (value: Uint8Array | null): RecordBatch => {
  const [batch] = fetchedBatches([{ key: null, value }])
  if (batch === undefined) throw new Error('nothing was encoded')
  return batch
}
