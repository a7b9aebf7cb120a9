import type { Decoder } from './kafkajs.ts'
import type { Aborted } from './batch-decode.ts'
import { check } from './faults.ts'
import type { Request } from './line.ts'

/** A partition to fetch from an offset on. */
export interface Wanted {
  partition: number
  offset: number
}

/** The answer for one partition; all but `code` is meaningless when that is not 0. */
export interface FetchedPartition {
  partition: number
  code: number
  /** One more than the last offset of all replicas, open transactions included. */
  highWatermark: number
  lastStableOffset: number
  aborted: Aborted[]
  /** Record batches, the last perhaps cut off. */
  records: Uint8Array
}

/** Whether what transactions wrote that have not ended, or were rolled back, is left out. */
export type Isolation = 'committed' | 'uncommitted'

/** Milliseconds a fetch waits at the broker when there is nothing new. */
export const fetchWait = 400
/**
 * Most bytes of an answer, and of one partition in it. A batch that passes a limit is cut off and comes again, so there is but
 * one limit; that each partition has its turn is the reader's business.
 */
const maxBytes = 4 * 2 ** 20

/**
 * Fetch v10, read_committed unless told otherwise. Not v11: that one followers serve too, and one that lags says "nothing
 * new" without an error, which a reader cannot tell from an idle partition.
 */
export const fetch = (
  topic: string,
  wanted: readonly Wanted[],
  isolation: Isolation = 'committed',
): Request<FetchedPartition[]> => ({
  name: 'Fetch',
  api: 1,
  version: 10,
  encode: (body) => {
    body.writeInt32(-1).writeInt32(fetchWait).writeInt32(1).writeInt32(maxBytes)
    body.writeInt8(isolation === 'committed' ? 1 : 0)
    body.writeInt32(0).writeInt32(-1)
    body.writeInt32(1).writeString(topic).writeInt32(wanted.length)
    for (const { partition, offset } of wanted) {
      body.writeInt32(partition).writeInt32(-1).writeInt64(offset).writeInt64(-1).writeInt32(maxBytes)
    }
    body.writeInt32(0)
  },
  decode: (body) => {
    body.readInt32()
    check(body.readInt16(), `fetching ${topic}`)
    body.readInt32()
    return body
      .readArray((item) => {
        item.readString()
        return item.readArray(readPartition)
      })
      .flat()
  },
})

const none = new Uint8Array()

const readPartition = (body: Decoder): FetchedPartition => {
  const partition = body.readInt32()
  const code = body.readInt16()
  const highWatermark = Number(body.readInt64())
  const lastStableOffset = Number(body.readInt64())
  body.readInt64()
  const aborted = body.readArray((item) => ({
    producerId: Number(item.readInt64()),
    firstOffset: Number(item.readInt64()),
  }))
  return { partition, code, highWatermark, lastStableOffset, aborted, records: body.readBytes() ?? none }
}
