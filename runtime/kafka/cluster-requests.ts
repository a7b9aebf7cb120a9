import type { Decoder, Encoder } from './kafkajs.ts'
import type { Request } from './line.ts'
import type { Place } from '../roles/log.ts'
import { check } from './faults.ts'

/** Requests about the cluster: who leads a partition, who coordinates a group or transaction, where a log ends. */

export interface Metadata {
  /** Addresses by node id. */
  nodes: Map<number, string>
  /** Error code of the topic asked for, 0 when it exists. */
  error: number
  /** Node id of the leader by partition, -1 where there is none. */
  leaders: number[]
  /** Copies of partition 0. */
  replicas: number
}

/** The address of who leads a partition, undefined where nobody is known to. */
export const leaderIn = ({ error, leaders, nodes }: Metadata, partition: number): string | undefined => {
  const leader = leaders[partition]
  return error === 0 && leader !== undefined ? nodes.get(leader) : undefined
}

/** Metadata v5 of one topic, or of the brokers alone. A partition without leader is no error of the others. */
export const metadata = (topic?: string): Request<Metadata> => ({
  name: 'Metadata',
  api: 3,
  version: 5,
  encode: (body) => {
    strings(body, topic === undefined ? [] : [topic]).writeBoolean(false)
  },
  decode: (body) => {
    body.readInt32()
    const nodes = new Map(body.readArray(readNode))
    body.readString()
    body.readInt32()
    const [found] = body.readArray(readTopic)
    return { nodes, ...(found ?? { error: 0, leaders: [], replicas: 0 }) }
  },
})

const readNode = (body: Decoder): [number, string] => {
  const id = body.readInt32()
  const address = `${body.readString()}:${body.readInt32()}`
  body.readString()
  return [id, address]
}

const readTopic = (body: Decoder): Omit<Metadata, 'nodes'> => {
  const error = body.readInt16()
  body.readString()
  body.readBoolean()
  const partitions = body.readArray((item) => {
    item.readInt16()
    const partition = item.readInt32()
    const leader = item.readInt32()
    const replicas = item.readArray(int32).length
    item.readArray(int32)
    item.readArray(int32)
    return { partition, leader, replicas }
  })
  partitions.sort((a, b) => a.partition - b.partition)
  return {
    error,
    leaders: partitions.map(({ leader }) => leader),
    replicas: partitions[0]?.replicas ?? 0,
  }
}

export type CoordinatorKind = 'group' | 'transaction'

/** FindCoordinator v1: the address of the coordinator. */
export const findCoordinator = (kind: CoordinatorKind, key: string): Request<string> => ({
  name: 'FindCoordinator',
  api: 10,
  version: 1,
  encode: (body) => {
    body.writeString(key).writeInt8(kind === 'group' ? 0 : 1)
  },
  decode: (body) => {
    body.readInt32()
    const code = body.readInt16()
    check(code, `finding the coordinator of ${kind} ${key}`, body.readString())
    body.readInt32()
    return `${body.readString()}:${body.readInt32()}`
  },
})

/** ListOffsets v2: the log's first offset, its last stable one, or its high watermark. */
export const listOffset = (
  { topic, partition }: Place,
  which: 'start' | 'end' | 'high',
): Request<number> => ({
  name: 'ListOffsets',
  api: 2,
  version: 2,
  encode: (body) => {
    body
      .writeInt32(-1)
      .writeInt8(which === 'high' ? 0 : 1)
      .writeInt32(1)
      .writeString(topic)
    body
      .writeInt32(1)
      .writeInt32(partition)
      .writeInt64(which === 'start' ? -2 : -1)
  },
  decode: (body) => {
    body.readInt32()
    const [[found] = []] = body.readArray((item) => {
      item.readString()
      return item.readArray(readOffset)
    })
    check(found?.code ?? 3, `finding the ${which} of ${topic}/${partition}`)
    return found?.offset ?? -1
  },
})

const readOffset = (body: Decoder) => {
  body.readInt32()
  const code = body.readInt16()
  body.readInt64()
  return { code, offset: Number(body.readInt64()) }
}

const int32 = (body: Decoder): number => body.readInt32()

export function strings(body: Encoder, texts: readonly string[]): Encoder {
  body.writeInt32(texts.length)
  for (const text of texts) body.writeString(text)
  return body
}
