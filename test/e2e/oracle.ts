import { Kafka, logLevel, type EachBatchPayload } from 'kafkajs'
import { until } from '../../dev/until.ts'

/** Reads topics and counts windows for itself; shares no code with the runtime. */

export interface Row {
  partition: number
  offset: number
  key: string | undefined
  value: Buffer | null
  headers: Record<string, string>
}

export interface Oracle {
  /** All records that a topic has now, as a reader of committed records sees them. */
  read(topic: string): Promise<Row[]>
  /** Writes values to a topic. */
  write(
    topic: string,
    records: { partition?: number; key?: string; value: Uint8Array | null }[],
  ): Promise<void>
  topics(): Promise<string[]>
  partitions(topic: string): Promise<number>
  /** Records of a topic behind the positions of a group. */
  lag(group: string, topic: string): Promise<number>
  /** Moves the positions of a group without members to the start of a topic, as an administrator's tools do. */
  rewind(group: string, topic: string): Promise<void>
  close(): Promise<void>
}

export const oracle = (bootstrapServers: string): Oracle => {
  const kafka = new Kafka({
    brokers: bootstrapServers.split(','),
    clientId: 'oracle',
    logLevel: logLevel.NOTHING,
  })
  const admin = kafka.admin()
  const connected = admin.connect()
  return {
    async read(topic) {
      await connected
      return readAll(kafka, topic, await admin.fetchTopicOffsets(topic))
    },
    async write(topic, records) {
      const producer = kafka.producer({ allowAutoTopicCreation: false })
      await producer.connect()
      try {
        for (const record of records) {
          const { key, partition, value } = record
          const message = {
            value: value && Buffer.from(value),
            key: key ?? null,
            ...(partition === undefined ? {} : { partition }),
          }
          await producer.send({ topic, messages: [message] })
        }
      } finally {
        await producer.disconnect()
      }
    },
    async topics() {
      await connected
      return admin.listTopics()
    },
    async partitions(topic) {
      await connected
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
      return topics[0]?.partitions.length ?? 0
    },
    async lag(groupId, topic) {
      await connected
      const [[committed], bounds] = await Promise.all([
        admin.fetchOffsets({ groupId, topics: [topic] }),
        admin.fetchTopicOffsets(topic),
      ])
      const positions = new Map(
        committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]),
      )
      return bounds.reduce(
        (sum, { partition, high }) => sum + Number(high) - (positions.get(partition) ?? 0),
        0,
      )
    },
    async rewind(groupId, topic) {
      await connected
      const bounds = await admin.fetchTopicOffsets(topic)
      const partitions = bounds.map(({ partition, low }) => ({ partition, offset: low }))
      await admin.setOffsets({ groupId, topic, partitions })
    },
    async close() {
      await connected
      await admin.disconnect()
    },
  }
}

const readAll = async (
  kafka: Kafka,
  topic: string,
  bounds: { partition: number; high: string; low: string }[],
): Promise<Row[]> => {
  const left = new Map(
    bounds.filter(({ high, low }) => high !== low).map(({ partition, high }) => [partition, Number(high)]),
  )
  if (left.size === 0) return []
  const groupId = `oracle-${process.pid}-${Math.random().toString(36).slice(2)}`
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, readUncommitted: false })
  await consumer.connect()
  const rows: Row[] = []
  let news = Date.now()
  const eachBatch = async ({ batch }: EachBatchPayload) => {
    news = Date.now()
    const end = left.get(batch.partition) ?? 0
    for (const message of batch.messages) {
      const offset = Number(message.offset)
      if (offset < end) rows.push(row(batch.partition, message))
    }
    if (Number(batch.lastOffset()) >= end - 1) left.delete(batch.partition)
  }
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({ autoCommit: false, eachBatch })
    // A topic of transactions ends with a marker, which no batch shows: silence is its end.
    await until(`all of ${topic}`, () => left.size === 0 || (rows.length > 0 && Date.now() - news > 1_500), {
      deadline: 60_000,
    })
    return rows
  } finally {
    await consumer.disconnect()
  }
}

const row = (partition: number, message: EachBatchPayload['batch']['messages'][number]): Row => ({
  partition,
  offset: Number(message.offset),
  key: message.key?.toString(),
  value: message.value,
  headers: Object.fromEntries(
    Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]),
  ),
})

/** Events by the start of their window, in milliseconds. */
export const recount = (events: readonly Row[], size: number): Map<number, number> => {
  const counts = new Map<number, number>()
  for (const { value } of events) {
    const time = Date.parse(JSON.parse(String(value)).timestamp)
    const start = Math.floor(time / size) * size
    counts.set(start, (counts.get(start) ?? 0) + 1)
  }
  return counts
}

export interface ResultRow {
  start: number
  size: number
  total: number
  late: number
  invalid: number
  clipped: boolean
  users: number
}

/** The results in a metrics topic, oldest first. */
export const results = (rows: readonly Row[]): ResultRow[] =>
  rows
    .map(({ value }) => {
      const result = JSON.parse(String(value))
      const start = Date.parse(result.window_start)
      return {
        start,
        size: Date.parse(result.window_end) - start,
        total: result.total_events,
        late: result.late_events,
        invalid: result.invalid_events,
        clipped: result.clipped,
        users: result.unique_users,
      }
    })
    .sort((a, b) => a.start - b.start)
