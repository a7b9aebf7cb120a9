import { type Clock, pause } from '../reconcile/clock.ts'
import type { BrokerTopic, TopicBroker } from './broker.ts'
import { isSameValue } from './config.ts'

/** Milliseconds until a write that cannot be seen yet is believed: the next pass will tell. */
const PATIENCE = 5_000

/**
 * A broker whose writes resolve when `describe` shows them. Kafka's controller answers before the brokers know: without
 * this the pass after a creation would create again, and the one after a deletion take the topic for still there.
 */
export function visible(broker: TopicBroker, clock: Clock, signal: AbortSignal): TopicBroker {
  const until = async (topic: string, shows: (found: BrokerTopic | undefined) => boolean): Promise<void> => {
    const end = clock.now() + PATIENCE
    for (let wait = 10; !signal.aborted && clock.now() < end; wait *= 2) {
      if (shows(await broker.describe(topic))) return
      await pause(clock, wait, signal)
    }
  }
  return {
    describe: (topic) => broker.describe(topic),
    close: () => broker.close(),
    validate: (topic) => broker.validate(topic),
    async create(topic) {
      const isNew = await broker.create(topic)
      await until(topic.name, (found) => found !== undefined)
      return isNew
    },
    async grow(topic, partitions) {
      await broker.grow(topic, partitions)
      await until(topic, (found) => found === undefined || found.partitions >= partitions)
    },
    async configure(topic, changes) {
      await broker.configure(topic, changes)
      await until(topic, (found) => found === undefined || hasConfig(found, changes))
    },
    async delete(topic) {
      await broker.delete(topic)
      await until(topic, (found) => found === undefined)
    },
  }
}

function hasConfig(
  { config }: BrokerTopic,
  { set, unset }: { set: Record<string, string>; unset: readonly string[] },
): boolean {
  return (
    Object.entries(set).every(([key, value]) => isSameValue(value, config[key])) &&
    unset.every((key) => config[key] === undefined)
  )
}
