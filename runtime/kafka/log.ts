import type { Log, LogFault, Place } from '../roles/log.ts'
import { appender } from './appender.ts'
import { listOffset, metadata } from './cluster-requests.ts'
import { check } from './faults.ts'
import { firstHidden } from './hanging.ts'
import { takeLease } from './lease.ts'
import { GroupMember, type Logger } from './membership.ts'
import { persist } from './patience.ts'
import { fetchOffset } from './producer-requests.ts'
import { TopicReader } from './reader.ts'
import { Transport } from './transport.ts'

export interface ConnectOptions {
  /** `host:port[,host:port…]`: brokers to ask for the others. */
  bootstrapServers: string
  /** How the brokers name this client in their logs and quotas. */
  clientId: string
  /** Told of troubles that heal by themselves. */
  logger?: Logger
}

/** Milliseconds that a read of metadata, bounds or positions is tried while brokers are away. */
const readTimeout = 10_000

/** Connects to Kafka. Throws the fault `Unreachable` when no broker answers. */
export async function connect({ bootstrapServers, clientId, logger }: ConnectOptions): Promise<Log> {
  const transport = new Transport(bootstrapServers, clientId)
  const members = new Set<GroupMember>()
  const patiently = <T>(work: () => Promise<T>) =>
    persist(work, { signal: transport.signal, deadline: readTimeout, heals })
  await patiently(() => transport.ask(metadata()))
  return {
    partitions: (topic) => patiently(() => countPartitions(transport, topic)),
    bounds: (topic, partition) => patiently(() => bounds(transport, { topic, partition })),
    hidden: (place) => patiently(() => firstHidden(transport, place)),
    lease: (transactionalId, signal) => takeLease(transport, transactionalId, signal),
    position: ({ group, ...place }) =>
      patiently(() => transport.coordinate('group', group, fetchOffset(group, place))),
    reader: (topic, memory) => new TopicReader(transport, topic, memory),
    append: appender(transport),
    join: (options) => {
      const member = new GroupMember(transport, { ...options, logger })
      members.add(member)
      return Promise.resolve(member)
    },
    async close() {
      await Promise.allSettled([...members].map((member) => member.leave()))
      transport.close()
    },
  }
}

/** Brokers that come back, leaders that move and transactions that end: waiting heals these. */
const heals = ({ reason }: LogFault) =>
  reason === 'Unreachable' || reason === 'NotLeader' || reason === 'Unstable'

async function countPartitions(transport: Transport, topic: string): Promise<number> {
  const { error, leaders } = await transport.topic(topic, { fresh: true })
  check(error, `looking up topic ${topic}`)
  return leaders.length
}

async function bounds(transport: Transport, place: Place): Promise<{ start: number; end: number }> {
  try {
    const leader = await transport.leader(place)
    const [start, end] = await Promise.all([
      transport.send(leader, listOffset(place, 'start')),
      transport.send(leader, listOffset(place, 'end')),
    ])
    return { start, end }
  } catch (error) {
    transport.forget(place.topic)
    throw error
  }
}
