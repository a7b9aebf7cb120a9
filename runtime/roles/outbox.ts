import type { Message } from './log.ts'

/** Events on their way to the log: a queue for each partition, in order, one append at a time. */
export interface Outbox {
  put(partition: number, message: Message): void
  /** Begins an append for each partition that has events waiting and none under way. */
  send(): void
  /** Events waiting or under way. */
  unsent(): number
  /** Events the log has acknowledged. */
  sent(): number
  /** Events given up because the log refused them: whether they were written is unknown, so they are not sent again. */
  abandoned(): number
  /** Sends all that is left. Resolves when nothing is under way any more. */
  flush(): Promise<void>
}

/** Most records of one append; of 300 bytes each they fit into one batch of Kafka's. */
const batchSize = 2_000

interface Queue {
  waiting: Message[]
  underWay: Promise<void> | undefined
}

/** `append` writes records to a partition; `failed` hears of each append that the log gave up. */
export const outbox = (options: {
  append: (partition: number, messages: readonly Message[]) => Promise<unknown>
  failed: (failure: { partition: number; events: number; error: unknown }) => void
}): Outbox => {
  const queues = new Map<number, Queue>()
  let sent = 0
  let abandoned = 0
  let unsent = 0

  const write = async (partition: number, batch: readonly Message[]): Promise<void> => {
    try {
      await options.append(partition, batch)
      sent += batch.length
    } catch (error) {
      abandoned += batch.length
      options.failed({ partition, events: batch.length, error })
    } finally {
      unsent -= batch.length
    }
  }
  /** Writes until the queue is empty, so that a backlog does not wait for the next tick. */
  const drain = async (partition: number, queue: Queue): Promise<void> => {
    while (queue.waiting.length > 0) await write(partition, queue.waiting.splice(0, batchSize))
    queue.underWay = undefined
  }
  const send = (): void => {
    for (const [partition, queue] of queues) {
      if (queue.waiting.length > 0) queue.underWay ??= drain(partition, queue)
    }
  }
  return {
    put(partition, message) {
      const queue = queues.get(partition) ?? { waiting: [], underWay: undefined }
      queues.set(partition, queue)
      queue.waiting.push(message)
      unsent += 1
    },
    send,
    unsent: () => unsent,
    sent: () => sent,
    abandoned: () => abandoned,
    async flush() {
      send()
      for (const queue of queues.values()) await queue.underWay
    },
  }
}
