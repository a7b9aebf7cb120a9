import type { Decoder, Encoder } from './kafkajs.ts'
import type { Place, Position } from '../roles/log.ts'
import { compactArray, skipTags } from './compact.ts'
import { check } from './faults.ts'
import type { Request } from './line.ts'

/** Requests that write: idempotent and transactional producers, and the positions of groups. */

/** A producer as the broker knows it. The one with the highest epoch of an id is the only one that may write. */
export interface ProducerIdentity {
  producerId: bigint
  epoch: number
}

/** A transactional producer. */
export interface Holder extends ProducerIdentity {
  transactionalId: string
}

/** InitProducerId v1. `timeout` is that of transactions, in milliseconds. */
export const initProducerId = (
  transactionalId: string | null,
  timeout: number,
): Request<ProducerIdentity> => ({
  name: 'InitProducerId',
  api: 22,
  version: 1,
  encode: (body) => {
    body.writeString(transactionalId).writeInt32(timeout)
  },
  decode: (body) => {
    body.readInt32()
    check(
      body.readInt16(),
      transactionalId === null ? 'getting a producer id' : `taking the lease ${transactionalId}`,
    )
    return { producerId: body.readInt64(), epoch: body.readInt16() }
  },
})

/** AddPartitionsToTxn v1. */
export const addPartitions = (holder: Holder, places: readonly Place[]): Request<void> => ({
  name: 'AddPartitionsToTxn',
  api: 24,
  version: 1,
  encode: (body) => {
    writeHolder(body, holder)
    writeByTopic(body, places, ({ partition }) => body.writeInt32(partition))
  },
  decode: (body) => {
    body.readInt32()
    checkPartitions(body, `beginning the transaction of ${holder.transactionalId}`)
  },
})

/** Milliseconds the leader waits for the replicas: less than we wait for the leader. */
const replicaTimeout = 4_000

/** Produce v7, acks=all, one batch to one partition: the offset of its first record. */
export const produce = (
  { topic, partition }: Place,
  batch: Buffer,
  transactionalId: string | null = null,
): Request<number> => ({
  name: 'Produce',
  api: 0,
  version: 7,
  encode: (body) => {
    body.writeString(transactionalId).writeInt16(-1).writeInt32(replicaTimeout)
    body.writeInt32(1).writeString(topic).writeInt32(1).writeInt32(partition).writeInt32(batch.length)
  },
  tail: batch,
  decode: (body) => {
    const [[written] = []] = body.readArray((item) => {
      item.readString()
      return item.readArray(readWritten)
    })
    check(written?.code ?? 3, `writing to ${topic}/${partition}`)
    return written?.offset ?? -1
  },
})

const readWritten = (body: Decoder) => {
  body.readInt32()
  const code = body.readInt16()
  const offset = Number(body.readInt64())
  body.readInt64()
  body.readInt64()
  return { code, offset }
}

/** AddOffsetsToTxn v1. */
export const addOffsets = (holder: Holder, group: string): Request<void> => ({
  name: 'AddOffsetsToTxn',
  api: 25,
  version: 1,
  encode: (body) => {
    writeHolder(body, holder).writeString(group)
  },
  decode: (body) => {
    body.readInt32()
    check(body.readInt16(), `adding group ${group} to the transaction of ${holder.transactionalId}`)
  },
})

/** TxnOffsetCommit v1, without a member: positions may move beside a group whose members come and go. */
export const commitOffsets = (
  { transactionalId, producerId, epoch }: Holder,
  group: string,
  positions: readonly (Place & Position)[],
): Request<void> => ({
  name: 'TxnOffsetCommit',
  api: 28,
  version: 1,
  encode: (body) => {
    body.writeString(transactionalId).writeString(group).writeInt64(producerId).writeInt16(epoch)
    writeByTopic(body, positions, ({ partition, offset, metadata }) => {
      body.writeInt32(partition).writeInt64(offset).writeString(metadata)
    })
  },
  decode: (body) => {
    body.readInt32()
    checkPartitions(body, `moving positions of group ${group}`)
  },
})

/** EndTxn v1. A rollback is only for what hangs: an open transaction is rolled back by the next lease. */
export const endTransaction = (holder: Holder, { commit }: { commit: boolean }): Request<void> => ({
  name: 'EndTxn',
  api: 26,
  version: 1,
  encode: (body) => {
    writeHolder(body, holder).writeBoolean(commit)
  },
  decode: (body) => {
    body.readInt32()
    check(body.readInt16(), `ending the transaction of ${holder.transactionalId}`)
  },
})

/**
 * OffsetFetch v7, which waits for no one but says so (88) while a transaction is about to move the position. Its
 * layout is the flexible one: lengths are varints plus one, structures end with tagged fields.
 */
export const fetchOffset = (group: string, { topic, partition }: Place): Request<Position | undefined> => ({
  name: 'OffsetFetch',
  api: 9,
  version: 7,
  encode: (body) => {
    body.writeUVarInt(0) // tagged fields of the header
    body.writeUVarIntString(group)
    body.writeUVarInt(2).writeUVarIntString(topic)
    body.writeUVarInt(2).writeInt32(partition)
    body.writeUVarInt(0).writeBoolean(true).writeUVarInt(0)
  },
  decode: (body) => {
    const where = `reading the position of group ${group} on ${topic}/${partition}`
    skipTags(body)
    body.readInt32()
    const [[found] = []] = compactArray(body, (item) => {
      item.readUVarIntString()
      const partitions = compactArray(item, readPosition)
      skipTags(item)
      return partitions
    })
    check(body.readInt16(), where)
    check(found?.code ?? 3, where)
    return found && found.offset >= 0 ? { offset: found.offset, metadata: found.metadata } : undefined
  },
})

const readPosition = (body: Decoder) => {
  body.readInt32()
  const offset = Number(body.readInt64())
  body.readInt32()
  const metadata = body.readUVarIntString() ?? ''
  const code = body.readInt16()
  skipTags(body)
  return { offset, metadata, code }
}

function writeHolder(body: Encoder, { transactionalId, producerId, epoch }: Holder): Encoder {
  return body.writeString(transactionalId).writeInt64(producerId).writeInt16(epoch)
}

function writeByTopic<P extends Place>(
  body: Encoder,
  places: readonly P[],
  write: (place: P) => unknown,
): void {
  const topics = Map.groupBy(places, ({ topic }) => topic)
  body.writeInt32(topics.size)
  for (const [topic, inTopic] of topics) {
    body.writeString(topic).writeInt32(inTopic.length)
    for (const place of inTopic) write(place)
  }
}

const notAttempted = 55

/** Reads topics of partitions with an error code each, and throws for the one that spoiled the request. */
function checkPartitions(body: Decoder, where: string): void {
  const outcomes = body
    .readArray((item) => {
      const topic = item.readString()
      return item.readArray((each) => ({ place: `${topic}/${each.readInt32()}`, code: each.readInt16() }))
    })
    .flat()
    .filter(({ code }) => code !== 0)
  const cause = outcomes.find(({ code }) => code !== notAttempted) ?? outcomes[0]
  if (cause) check(cause.code, `${where} (${cause.place})`)
}
