import type { Fetched, Log, Reader, ReadMemory } from './log.ts'
import type { Clock } from './role.ts'

const pause = 500

/** Who reads a partition. */
export interface Subscriber {
  /** Folds what one fetch brought, at the time it came. */
  take(fetched: Fetched, now: number): void
  /** The reading failed; the subscriber is dropped. */
  fail(error: unknown): void
}

/** One reading of all partitions of a topic that have subscribers: a fetch serves all whose leader is the same. */
export interface EventPump {
  subscribe(partition: number, from: { offset: number; subscriber: Subscriber }): void
  /** Ends the reading of a partition, if it is still this subscriber's. */
  drop(partition: number, subscriber: Subscriber): void
  /** When the last poll came back, in milliseconds since the epoch. */
  turnedAt(): number
  /** Resolves after the signal is aborted. */
  done: Promise<void>
}

interface PumpOptions {
  log: Log
  topic: string
  memory: ReadMemory
  clock: Clock
  signal: AbortSignal
}

class Pump implements EventPump {
  readonly #clock: Clock
  readonly #reader: Reader
  readonly #signal: AbortSignal
  readonly #subscribers = new Map<number, Subscriber>()
  readonly done: Promise<void>
  #turnedAt: number

  constructor({ log, topic, memory, clock, signal }: PumpOptions) {
    this.#clock = clock
    this.#signal = signal
    this.#reader = log.reader(topic, memory)
    this.#turnedAt = clock.now()
    this.done = this.#run()
  }

  turnedAt(): number {
    return this.#turnedAt
  }

  subscribe(partition: number, { offset, subscriber }: { offset: number; subscriber: Subscriber }): void {
    this.#subscribers.set(partition, subscriber)
    this.#reader.seek(partition, offset)
  }

  drop(partition: number, subscriber: Subscriber): void {
    if (this.#subscribers.get(partition) !== subscriber) return
    this.#subscribers.delete(partition)
    this.#reader.drop(partition)
  }

  async #run(): Promise<void> {
    while (!this.#signal.aborted) {
      try {
        await this.#turn()
      } catch (error) {
        for (const [partition, subscriber] of this.#subscribers) this.#fail(partition, subscriber, error)
        await this.#clock.sleep(pause, this.#signal)
      }
      this.#turnedAt = this.#clock.now()
    }
    await this.#reader.close()
  }

  async #turn(): Promise<void> {
    const answers = await this.#reader.poll()
    if (this.#signal.aborted) return
    const now = this.#clock.now()
    for (const answer of answers) {
      const { partition } = answer
      const subscriber = this.#subscribers.get(partition)
      if (subscriber === undefined) continue
      try {
        if ('fault' in answer) throw answer.fault
        subscriber.take(answer, now)
      } catch (error) {
        this.#fail(partition, subscriber, error)
      }
    }
  }

  #fail(partition: number, subscriber: Subscriber, error: unknown): void {
    this.drop(partition, subscriber)
    subscriber.fail(error)
  }
}

/** Begins to read a topic. */
export const eventPump = (options: PumpOptions): EventPump => new Pump(options)
