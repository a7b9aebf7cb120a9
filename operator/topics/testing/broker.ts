import type { BrokerTopic, TopicBroker } from '../broker.ts'

/** A write that a broker was asked for. */
export interface Write {
  kind: 'create' | 'grow' | 'configure' | 'delete'
  topic: string
}

export interface MemoryBroker extends TopicBroker {
  readonly topics: Map<string, BrokerTopic>
  /** Every write in order, refused ones too. */
  readonly writes: Write[]
  /** What it throws instead of an answer, as long as it is set. */
  fault: Error | undefined
}

/** A Kafka cluster of `brokers` brokers in memory, with Kafka's own refusals. */
export function memoryBroker({ brokers = 1 }: { brokers?: number } = {}): MemoryBroker {
  const topics = new Map<string, BrokerTopic>()
  const writes: Write[] = []
  let ids = 0
  const existing = (name: string): BrokerTopic => {
    const topic = topics.get(name)
    if (!topic) throw new Error('This server does not host this topic-partition.')
    return topic
  }
  const answer = async <T>(write: Write | undefined, work: () => T): Promise<T> => {
    if (write) writes.push(write)
    if (broker.fault) throw broker.fault
    return work()
  }
  const broker: MemoryBroker = {
    topics,
    writes,
    fault: undefined,
    describe: (name) => answer(undefined, () => structuredClone(topics.get(name))),
    validate: ({ name, replicas = 1 }) =>
      answer(undefined, () => {
        if (topics.has(name)) throw new Error(`Topic '${name}' already exists.`)
        if (replicas > brokers) throw new Error(tooManyReplicas(replicas, brokers))
      }),
    create: ({ name, partitions = 1, replicas = 1, config }) =>
      answer({ kind: 'create', topic: name }, () => {
        if (topics.has(name)) return false
        if (replicas > brokers) throw new Error(tooManyReplicas(replicas, brokers))
        topics.set(name, { topicId: `id-${++ids}`, partitions, replicas, config: { ...config } })
        return true
      }),
    grow: (name, partitions) =>
      answer({ kind: 'grow', topic: name }, () => {
        const topic = existing(name)
        if (partitions <= topic.partitions) throw new Error(`The topic currently has ${topic.partitions}`)
        topic.partitions = partitions
      }),
    configure: (name, { set, unset }) =>
      answer({ kind: 'configure', topic: name }, () => {
        const topic = existing(name)
        Object.assign(topic.config, set)
        for (const key of unset) delete topic.config[key]
      }),
    delete: (name) => answer({ kind: 'delete', topic: name }, () => void topics.delete(name)),
    close: async () => {},
  }
  return broker
}

const tooManyReplicas = (replicas: number, brokers: number): string =>
  `Unable to replicate the partition ${replicas} time(s): The target replication factor of ${replicas} cannot be ` +
  `reached because only ${brokers} broker(s) are registered.`
