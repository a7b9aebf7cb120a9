/**
 * The topics of a Kafka cluster, as the KafkaTopic controller sees them. `runtime/kafka/admin.ts` is the real one.
 * Every method rejects with an Error whose message is the broker's own words, made for a user's eyes, within
 * seconds also when no broker answers.
 */
export interface TopicBroker {
  /** The topic as the brokers have it, undefined when absent. `config` has what is set on the topic itself, no defaults. */
  describe(topic: string): Promise<BrokerTopic | undefined>
  /** Is refused as `create` would be, also where there is such a topic. Makes nothing. */
  validate(topic: NewTopic): Promise<void>
  /** Asks a single time: false when there is such a topic already. Without an answer the topic may be made. */
  create(topic: NewTopic): Promise<boolean>
  /** Raises the number of partitions to `partitions`. */
  grow(topic: string, partitions: number): Promise<void>
  /** Sets and removes single entries of the topic's config and leaves all others. */
  configure(topic: string, changes: { set: Record<string, string>; unset: readonly string[] }): Promise<void>
  /** Absent already is success. */
  delete(topic: string): Promise<void>
  close(): Promise<void>
}

/** `partitions` or `replicas` undefined means the brokers' default. */
export interface NewTopic {
  name: string
  partitions: number | undefined
  replicas: number | undefined
  config: Record<string, string>
}

export interface BrokerTopic {
  /** Kafka's id of the topic, as its tools print it (22 characters of base64url); absent where the brokers give none. */
  topicId?: string
  partitions: number
  /** Replicas of the partition that has the fewest. */
  replicas: number
  config: Record<string, string>
}
