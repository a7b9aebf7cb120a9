import { until } from '../../dev/until.ts'
import { array, type Cursor, int32, int64, int8, openWire, string, type Wire } from './wire.ts'
import { newPartitionLog, type PartitionLog, type Seen } from './visible.ts'

/**
 * Reads topics for itself, from the leaders, with nothing of the runtime: it takes every record there is and decides
 * by the marks of transactions which of them count.
 */
export interface Witness {
  /** Follows a topic from its first record. */
  follow(topic: string): Tail
  /** All committed records that a topic has now, each as `row` makes it, by partition and offset. */
  read<Row extends Place>(topic: string, row: (seen: Seen) => Row): Promise<Row[]>
  /** Where each partition begins and ends: its last stable offset and its high watermark. */
  edges(topic: string): Promise<Edge[]>
  /** What a group has committed for each partition of a topic; -1 where nothing. */
  positions(group: string, topic: string): Promise<Position[]>
  close(): void
}

interface Place {
  partition: number
  offset: number
}

interface Position {
  partition: number
  offset: number
  metadata: string
}

/** The bounds of a partition. A transaction hangs where `stable` is below `high`. */
interface Edge {
  topic: string
  partition: number
  start: number
  stable: number
  high: number
}

interface Tail {
  /** What became visible since the last poll; waits a short time at the broker. */
  poll(): Promise<Seen[]>
  /** True when all that the brokers had at the last poll was taken. */
  atEnd(): boolean
}

interface Topic {
  name: string
  /** Address of the leader by partition. */
  leaders: string[]
}

export const openWitness = (bootstrapServers: string): Witness => {
  const wires = wiring(bootstrapServers.split(','))
  const lookUp = (topic: string): Promise<Topic> =>
    until(`the leaders of ${topic}`, () => leadersOf(wires, topic), { deadline: 60_000, every: 200 })
  const follow = (topic: string): Tail => {
    const logs = new Map<number, PartitionLog>()
    return {
      async poll() {
        const known = await lookUp(topic)
        const seen = await Promise.all(
          known.leaders.map((_, partition) => {
            const log = logs.get(partition) ?? newPartitionLog(partition)
            logs.set(partition, log)
            return fetchInto(wires, known, log)
          }),
        )
        return seen.flat()
      },
      atEnd: () => logs.size > 0 && [...logs.values()].every((log) => log.next >= log.edge.high),
    }
  }
  const drain = async <Row extends Place>(topic: string, row: (seen: Seen) => Row): Promise<Row[]> => {
    const tail = follow(topic)
    const rows: Row[] = []
    do for (const seen of await tail.poll()) rows.push(row(seen))
    while (!tail.atEnd())
    return rows.sort((a, b) => a.partition - b.partition || a.offset - b.offset)
  }
  return {
    follow,
    read: (topic, row) =>
      until(`all of ${topic}`, () => drain(topic, row), { deadline: 300_000, every: 500 }),
    async edges(topic) {
      const known = await lookUp(topic)
      const logs = known.leaders.map((_, partition) => newPartitionLog(partition))
      for (const log of logs) await fetchInto(wires, known, log)
      return logs.map(({ partition, edge }) => ({ topic, partition, ...edge }))
    },
    positions: async (group, topic) => {
      const { leaders } = await lookUp(topic)
      return until(`positions of ${group}`, () => positionsOf(wires, group, { topic, count: leaders.length }))
    },
    close: () => wires.close(),
  }
}

interface Wires {
  to(address: string): Promise<Wire>
  any(): Promise<Wire>
  close(): void
}

const wiring = (seeds: readonly string[]): Wires => {
  const open = new Map<string, Promise<Wire>>()
  const to = (address: string): Promise<Wire> => {
    const known = open.get(address) ?? dial(address)
    open.set(address, known)
    return known
  }
  const dial = async (address: string): Promise<Wire> => {
    try {
      const wire = await openWire(address)
      return {
        close: () => wire.close(),
        send: (request) =>
          wire.send(request).catch((error: unknown) => {
            open.delete(address)
            throw error
          }),
      }
    } catch (error) {
      open.delete(address)
      throw error
    }
  }
  return {
    to,
    any: () => Promise.any(seeds.map(to)),
    close() {
      for (const wire of open.values()) wire.then((each) => each.close()).catch(() => undefined)
    },
  }
}

/** Metadata v1. Undefined while a partition has no leader. */
const leadersOf = async (wires: Wires, name: string): Promise<Topic | undefined> => {
  const wire = await wires.any()
  const body = await wire.send({ api: 3, version: 1, body: array([string(name)]) })
  const brokers = new Map(
    body.array(() => {
      const id = body.int32()
      const address = `${body.string()}:${body.int32()}`
      body.string()
      return [id, address] as const
    }),
  )
  body.int32()
  const [topic] = body.array(() => {
    const error = body.int16()
    body.string()
    body.int8()
    const partitions = body.array(() => {
      body.int16()
      const row = { partition: body.int32(), leader: body.int32() }
      body.array(() => body.int32())
      body.array(() => body.int32())
      return row
    })
    return { error, partitions }
  })
  if (topic?.error !== 0) return undefined
  const leaders = topic.partitions
    .sort((a, b) => a.partition - b.partition)
    .flatMap(({ leader }) => brokers.get(leader) ?? [])
  return leaders.length === topic.partitions.length && leaders.length > 0 ? { name, leaders } : undefined
}

/** Fetch v10 without isolation: all that is replicated, open transactions too. */
const fetchInto = async (wires: Wires, topic: Topic, log: PartitionLog): Promise<Seen[]> => {
  const wire = await wires.to(topic.leaders[log.partition] ?? '')
  const part = [int32(log.partition), int32(-1), int64(log.next), int64(-1), int32(4_000_000)]
  const wanted = Buffer.concat([string(topic.name), array([Buffer.concat(part)])])
  const limits = [int32(-1), int32(50), int32(1), int32(8_000_000), int8(0), int32(0), int32(-1)]
  const body = await wire.send({
    api: 1,
    version: 10,
    body: Buffer.concat([...limits, array([wanted]), array([])]),
  })
  return log.take(readFetched(body))
}

const readFetched = (body: Cursor) => {
  body.int32()
  if (body.int16() !== 0) throw new Error('a fetch was refused')
  body.int32()
  body.int32()
  body.string()
  body.int32()
  body.int32()
  const code = body.int16()
  const [high, stable, start] = [body.int64(), body.int64(), body.int64()]
  body.array(() => [body.int64(), body.int64()])
  return { code, edge: { high, stable, start }, records: body.take(body.int32()) ?? Buffer.alloc(0) }
}

/** FindCoordinator v0, then OffsetFetch v1. */
const positionsOf = async (
  wires: Wires,
  group: string,
  { topic, count }: { topic: string; count: number },
): Promise<Position[]> => {
  const found = await (await wires.any()).send({ api: 10, version: 0, body: string(group) })
  if (found.int16() !== 0) throw new Error(`the coordinator of ${group} is not known yet`)
  found.int32()
  const wire = await wires.to(`${found.string()}:${found.int32()}`)
  const partitions = array(Array.from({ length: count }, (_, partition) => int32(partition)))
  const body = Buffer.concat([string(group), array([Buffer.concat([string(topic), partitions])])])
  const answer = await wire.send({ api: 9, version: 1, body })
  const rows = answer.array(() => {
    answer.string()
    return answer.array(() => {
      const row = { partition: answer.int32(), offset: answer.int64(), metadata: answer.string() ?? '' }
      if (answer.int16() !== 0) throw new Error(`the positions of ${group} are not known yet`)
      return row
    })
  })
  return rows.flat().sort((a, b) => a.partition - b.partition)
}
