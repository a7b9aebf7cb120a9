import { LogFault } from '../roles/log.ts'
import {
  alterConfig,
  type ConfigChanges,
  createPartitions,
  createTopic,
  deleteTopic,
  describeConfig,
  describeTopic,
  type NewTopic,
} from './admin-requests.ts'
import { metadata } from './cluster-requests.ts'
import { check } from './faults.ts'
import type { Request } from './line.ts'
import { persist } from './patience.ts'
import { Transport } from './transport.ts'

/** A topic as the brokers have it. */
interface DescribedTopic {
  /** As Kafka's tools print it; absent where the brokers are too old to tell. */
  topicId?: string
  partitions: number
  /** Of the partition that has the fewest. */
  replicas: number
  /** What is set on the topic itself, no defaults. */
  config: Record<string, string>
}

/** Makes and changes topics. Every method throws a LogFault with the broker's own words. */
export interface Admin {
  /** Undefined when there is no such topic. */
  describe(topic: string): Promise<DescribedTopic | undefined>
  /** Is refused as `create` would be, also where there is such a topic. Makes nothing. */
  validate(topic: NewTopic): Promise<void>
  /** Asks a single time: false when there is such a topic already. Whether a fault without an answer made it is unknown. */
  create(topic: NewTopic): Promise<boolean>
  /** Raises the number of partitions to `partitions`. */
  grow(topic: string, partitions: number): Promise<void>
  /** Sets and removes single entries of the topic's config and leaves all others. */
  configure(topic: string, changes: ConfigChanges): Promise<void>
  /** Absent already is success. */
  delete(topic: string): Promise<void>
  close(): Promise<void>
}

/** Milliseconds that a call is tried while brokers are away. */
const timeout = 5_000

/** Opens the administration of topics; connects at the first call. */
export function openAdmin({
  bootstrapServers,
  clientId,
}: {
  bootstrapServers: string
  clientId: string
}): Admin {
  const transport = new Transport(bootstrapServers, clientId)
  const ask = <T>(request: Request<T>) =>
    persist(() => transport.ask(request), { signal: transport.signal, deadline: timeout, heals })
  return {
    describe: (topic) => absentAsUndefined(() => describe(ask, topic)),
    validate: (topic) => ask(createTopic(topic, { validateOnly: true })),
    create: (topic) => isNew(transport.ask(createTopic(topic, { validateOnly: false }))),
    grow: (topic, partitions) => ask(createPartitions(topic, partitions)),
    configure: (topic, changes) => ask(alterConfig(topic, changes)),
    delete: (topic) => absentAsUndefined(() => ask(deleteTopic(topic))),
    close: () => {
      transport.close()
      return Promise.resolve()
    },
  }
}

type Ask = <T>(request: Request<T>) => Promise<T>

const heals = ({ reason }: LogFault) => reason === 'Unreachable'

async function describe(ask: Ask, topic: string): Promise<DescribedTopic> {
  const { error, ...found } = await lookUp(ask, topic)
  check(error, `describing topic ${topic}`)
  return { ...found, config: await ask(describeConfig(topic)) }
}

async function lookUp(ask: Ask, topic: string): Promise<{ error: number } & Omit<DescribedTopic, 'config'>> {
  try {
    return await ask(describeTopic(topic))
  } catch (fault) {
    if (!(fault instanceof LogFault) || fault.reason !== 'Unsupported') throw fault
    const { error, leaders, replicas } = await ask(metadata(topic))
    return { error, partitions: leaders.length, replicas }
  }
}

async function isNew(creation: Promise<void>): Promise<boolean> {
  try {
    await creation
    return true
  } catch (error) {
    if (error instanceof LogFault && error.reason === 'Exists') return false
    throw error
  }
}

async function absentAsUndefined<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof LogFault && error.reason === 'UnknownPartition') return undefined
    throw error
  }
}
