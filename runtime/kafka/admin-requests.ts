import type { Decoder } from './kafkajs.ts'
import { strings } from './cluster-requests.ts'
import { compactArray, skipTags } from './compact.ts'
import { check } from './faults.ts'
import type { Request } from './line.ts'

/** Requests that make, change and describe topics. A broker passes them on to the controller. */

/** Milliseconds the broker takes at most, less than we wait for it. */
const brokerTimeout = 5_000

export interface NewTopic {
  name: string
  /** Undefined: the brokers' default. */
  partitions: number | undefined
  replicas: number | undefined
  config: Record<string, string>
}

/** CreateTopics v4, the first that takes the brokers' defaults. With `validateOnly` nothing is made. */
export const createTopic = (
  { name, partitions = -1, replicas = -1, config }: NewTopic,
  { validateOnly }: { validateOnly: boolean },
): Request<void> => ({
  name: 'CreateTopics',
  api: 19,
  version: 4,
  encode: (body) => {
    body.writeInt32(1).writeString(name).writeInt32(partitions).writeInt16(replicas).writeInt32(0)
    const entries = Object.entries(config)
    body.writeInt32(entries.length)
    for (const [key, value] of entries) body.writeString(key).writeString(value)
    body.writeInt32(brokerTimeout).writeBoolean(validateOnly)
  },
  decode: (body) => checkTopics(body, `creating topic ${name}`),
})

/** CreatePartitions v1. */
export const createPartitions = (topic: string, partitions: number): Request<void> => ({
  name: 'CreatePartitions',
  api: 37,
  version: 1,
  encode: (body) => {
    body.writeInt32(1).writeString(topic).writeInt32(partitions).writeInt32(-1)
    body.writeInt32(brokerTimeout).writeBoolean(false)
  },
  decode: (body) => checkTopics(body, `growing topic ${topic} to ${partitions} partitions`),
})

/** DeleteTopics v3. */
export const deleteTopic = (topic: string): Request<void> => ({
  name: 'DeleteTopics',
  api: 20,
  version: 3,
  encode: (body) => {
    strings(body, [topic]).writeInt32(brokerTimeout)
  },
  decode: (body) => {
    body.readInt32()
    body.readArray((item) => {
      item.readString()
      check(item.readInt16(), `deleting topic ${topic}`)
    })
  },
})

const topicResource = 2
const setOnTopic = 1

/** DescribeConfigs v2: what is set on the topic itself. */
export const describeConfig = (topic: string): Request<Record<string, string>> => ({
  name: 'DescribeConfigs',
  api: 32,
  version: 2,
  encode: (body) => {
    body.writeInt32(1).writeInt8(topicResource).writeString(topic).writeInt32(-1).writeBoolean(false)
  },
  decode: (body) => {
    body.readInt32()
    const [entries = []] = body.readArray((item) => {
      check(item.readInt16(), `reading the config of topic ${topic}`, item.readString())
      item.readInt8()
      item.readString()
      return item.readArray(readEntry)
    })
    const own = entries.filter(({ source }) => source === setOnTopic)
    return Object.fromEntries(own.map(({ name, value }) => [name, value]))
  },
})

const readEntry = (body: Decoder) => {
  const name = body.readString() ?? ''
  const value = body.readString() ?? ''
  body.readBoolean()
  const source = body.readInt8()
  body.readBoolean()
  body.readArray((synonym) => {
    synonym.readString()
    synonym.readString()
    synonym.readInt8()
  })
  return { name, value, source }
}

export interface ConfigChanges {
  set: Record<string, string>
  unset: readonly string[]
}

/** IncrementalAlterConfigs v0. Not AlterConfigs, which resets every entry that it does not name. */
export const alterConfig = (topic: string, { set, unset }: ConfigChanges): Request<void> => ({
  name: 'IncrementalAlterConfigs',
  api: 44,
  version: 0,
  encode: (body) => {
    body.writeInt32(1).writeInt8(topicResource).writeString(topic)
    const entries = Object.entries(set)
    body.writeInt32(entries.length + unset.length)
    for (const [name, value] of entries) body.writeString(name).writeInt8(0).writeString(value)
    for (const name of unset) body.writeString(name).writeInt8(1).writeString(null)
    body.writeBoolean(false)
  },
  decode: (body) => {
    body.readInt32()
    body.readArray((item) => {
      check(item.readInt16(), `changing the config of topic ${topic}`, item.readString())
      item.readInt8()
      item.readString()
    })
  },
})

export interface TopicDescription {
  error: number
  topicId: string
  partitions: number
  /** Of the partition that has the fewest. */
  replicas: number
}

/** Metadata v12 of one topic, the first that tells ids for names in every broker; flexible. */
export const describeTopic = (topic: string): Request<TopicDescription> => ({
  name: 'Metadata',
  api: 3,
  version: 12,
  encode: (body) => {
    body.writeUVarInt(0) // tagged fields of the header
    body.writeUVarInt(2).writeBuffer(Buffer.alloc(16)).writeUVarIntString(topic).writeUVarInt(0)
    body.writeBoolean(false).writeBoolean(false).writeUVarInt(0)
  },
  decode: (body) => {
    skipTags(body)
    body.readInt32()
    compactArray(body, skipNode)
    body.readUVarIntString()
    body.readInt32()
    const [found] = compactArray(body, readDescription)
    return found ?? { error: 3, topicId: '', partitions: 0, replicas: 0 }
  },
})

const skipNode = (body: Decoder) => {
  body.readInt32()
  body.readUVarIntString()
  body.readInt32()
  body.readUVarIntString()
  skipTags(body)
}

const readDescription = (body: Decoder): TopicDescription => {
  const error = body.readInt16()
  body.readUVarIntString()
  const topicId = body.buffer.subarray(body.offset, (body.offset += 16)).toString('base64url')
  body.readBoolean()
  const replicas = compactArray(body, readReplicas)
  body.readInt32()
  skipTags(body)
  return { error, topicId, partitions: replicas.length, replicas: Math.min(...replicas) }
}

const readReplicas = (body: Decoder): number => {
  body.readInt16()
  body.readInt32()
  body.readInt32()
  body.readInt32()
  const int32 = () => body.readInt32()
  const replicas = compactArray(body, int32).length
  compactArray(body, int32)
  compactArray(body, int32)
  skipTags(body)
  return replicas
}

/** Reads topics with an error code and a text each. */
function checkTopics(body: Decoder, where: string): void {
  body.readInt32()
  body.readArray((item) => {
    item.readString()
    check(item.readInt16(), where, item.readString())
  })
}
