import { EventBatch } from '../traffic/event-batch.ts'
import type { Messages } from './log.ts'

interface Options {
  /** Writes records to a partition. */
  append: (partition: number, messages: Messages) => Promise<unknown>
  /** Hears of each append that the log gave up. */
  failed: (failure: { partition: number; events: number; error: unknown }) => void
}

interface Queue {
  /** Only the last one takes more events. */
  waiting: EventBatch[]
  underWay: Promise<void> | undefined
}

/** Events on their way to the log: a queue of batches for each partition, in order, one append at a time. */
export class Outbox {
  readonly #options: Options
  readonly #queues = new Map<number, Queue>()
  /** Batches that were sent, one for each partition, to be used again. */
  readonly #spare: EventBatch[] = []
  #sent = 0
  #abandoned = 0
  #underWay = 0

  constructor(options: Options) {
    this.#options = options
  }

  /** The batch that takes the next event of the partition. */
  batch(partition: number): EventBatch {
    const queue = this.#queues.get(partition) ?? { waiting: [], underWay: undefined }
    this.#queues.set(partition, queue)
    const last = queue.waiting.at(-1)
    if (last?.hasRoom) return last
    const next = this.#spare.pop() ?? new EventBatch()
    queue.waiting.push(next)
    return next
  }

  /** Begins an append for each partition that has events waiting and none under way. */
  send(): void {
    for (const [partition, queue] of this.#queues) {
      if (queue.waiting.length > 0) queue.underWay ??= this.#drain(partition, queue)
    }
  }

  /** Events waiting or under way. */
  unsent(): number {
    let events = this.#underWay
    for (const { waiting } of this.#queues.values()) for (const { length } of waiting) events += length
    return events
  }

  /** Events the log has acknowledged. */
  sent(): number {
    return this.#sent
  }

  /** Events given up because the log refused them: whether they were written is unknown, so they are not sent again. */
  abandoned(): number {
    return this.#abandoned
  }

  /** Sends all that is left. Resolves when nothing is under way any more. */
  async flush(): Promise<void> {
    this.send()
    for (const queue of this.#queues.values()) await queue.underWay
  }

  /** Writes until the queue is empty, so that a backlog does not wait for the next turn. */
  async #drain(partition: number, queue: Queue): Promise<void> {
    for (let batch = queue.waiting.shift(); batch !== undefined; batch = queue.waiting.shift())
      await this.#write(partition, batch)
    queue.underWay = undefined
  }

  async #write(partition: number, batch: EventBatch): Promise<void> {
    const events = batch.length
    this.#underWay += events
    try {
      await this.#options.append(partition, batch)
      this.#sent += events
    } catch (error) {
      this.#abandoned += events
      this.#options.failed({ partition, events, error })
    }
    this.#underWay -= events
    batch.clear()
    if (this.#spare.length < this.#queues.size) this.#spare.push(batch)
  }
}
