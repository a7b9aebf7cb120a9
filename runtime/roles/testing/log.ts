import { MemoryBroker } from '../../testing/memory-broker.ts'
import { memoryLog } from '../../testing/memory-log.ts'
import type { StoredRecord } from '../../testing/memory-partition.ts'
import type { Append, Log, LogFault, Reader } from '../log.ts'
import type { Clock } from '../role.ts'

/** A log in memory with one topic, which takes its time and fails when wanted. */
export interface OneTopic {
  log: Log
  /** Its records by partition. */
  records(): StoredRecord[][]
  write(partition: number, text: string): void
  /** Makes so many partitions. */
  grow(partitions: number): void
  /** Deletes the records before an offset of partition 0. */
  expire(offset: number): void
  /** Called before each append: it may wait or throw. */
  before: (append: Append) => Promise<void> | void
  /** What reading and looking up the topic fail with. */
  fault: LogFault | undefined
}

export const oneTopic = (name: string, options: { partitions: number; clock: Clock }): OneTopic => {
  const broker = new MemoryBroker(options.clock)
  broker.createTopic(name, options.partitions)
  const memory = memoryLog(broker)
  const reader = (topic: string): Reader => {
    const inner = memory.reader(topic)
    return {
      seek: (partition, offset) => inner.seek(partition, offset),
      drop: (partition) => inner.drop(partition),
      close: () => inner.close(),
      async poll() {
        const answers = await inner.poll()
        const { fault } = one
        return fault === undefined ? answers : answers.map(({ partition }) => ({ partition, fault }))
      },
    }
  }
  const one: OneTopic = {
    log: {
      ...memory,
      reader,
      async append(append) {
        await one.before(append)
        return memory.append(append)
      },
      partitions: (topic) => (one.fault === undefined ? memory.partitions(topic) : Promise.reject(one.fault)),
    },
    records: () => broker.records(name),
    write: (partition, text) =>
      void broker.append({ topic: name, partition, messages: [{ key: null, value: Buffer.from(text) }] }),
    grow: (partitions) => broker.createTopic(name, partitions),
    expire: (offset) => broker.partition(name, 0).truncate(offset),
    before: () => undefined,
    fault: undefined,
  }
  return one
}
