/** The topics of a Kafka cluster, as the KafkaTopic controller sees them. `runtime/kafka/admin.ts` is the real one. */
export interface TopicBroker {
  /** The topic as the brokers have it, undefined when absent. `config` has what is set on the topic itself, no defaults. */
  describe(topic: string): Promise<BrokerTopic | undefined>
  /** `replicas` undefined means the brokers' default. */
  create(topic: {
    name: string
    partitions: number
    replicas: number | undefined
    config: Record<string, string>
  }): Promise<void>
  /** Raises the number of partitions to `partitions`. */
  grow(topic: string, partitions: number): Promise<void>
  /** Sets and removes single entries of the topic's config and leaves all others. */
  configure(topic: string, changes: { set: Record<string, string>; unset: readonly string[] }): Promise<void>
  /** Absent already is success. */
  delete(topic: string): Promise<void>
  close(): Promise<void>
}

export interface BrokerTopic {
  partitions: number
  replicas: number
  config: Record<string, string>
}
