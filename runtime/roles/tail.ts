import { complaint, type Complaint } from './complaint.ts'
import { every } from './interval.ts'
import type { Fetched, FetchFault, LogRecord, Reader } from './log.ts'
import type { Context } from './role.ts'

const second = 1_000
const partitionsEvery = 30 * second

/** Reads the newest records of a topic's partitions and then everything that follows. */
export interface Tail {
  /** Resolves when the signal is aborted. */
  done: Promise<void>
  /** Whether everything that was there at the start has been read. */
  caughtUp(): boolean
  /** When a poll last succeeded, in milliseconds since the epoch; undefined before the first. */
  heardAt(): number | undefined
}

/** Where a partition is read. */
interface Place {
  next: number
  /** The end of the partition when reading began. */
  target: number
}

interface TailOptions extends Omit<Context<unknown>, 'settings'> {
  topic: string
  /** How many offsets before the end of each partition reading begins. */
  back: number
  /** Sees each record once, in order within its partition. Byte fields are valid only inside the call. */
  visit: (record: LogRecord, partition: number) => void
  /** Called after each poll. */
  polled: () => void
}

class Tailing {
  readonly #options: TailOptions
  readonly #places = new Map<number, Place>()
  readonly #trouble: Complaint
  readonly #partitionsDue = every(partitionsEvery)
  #reader: Reader | undefined
  heardAt: number | undefined
  caughtUp = false

  constructor(options: TailOptions) {
    this.#options = options
    this.#trouble = complaint(options.logger, 'cannot read the results yet', { topic: options.topic })
  }

  async run(): Promise<void> {
    const { signal, clock } = this.#options
    while (!signal.aborted) {
      try {
        await this.#turn()
      } catch (error) {
        this.#trouble.about(error)
        await this.#dropReader()
        await clock.sleep(second, signal)
      }
    }
    await this.#dropReader()
  }

  async #turn(): Promise<void> {
    const { clock, signal, polled } = this.#options
    const reader = this.#reader ?? this.#newReader()
    if (this.#partitionsDue(clock.now()) || this.#places.size === 0) await this.#addPartitions(reader)
    const answers = await reader.poll()
    let faults = 0
    for (const answer of answers) {
      if ('fault' in answer) {
        faults += 1
        await this.#mend(reader, answer)
      } else this.#show(answer)
    }
    if (faults === 0 && answers.length > 0) {
      this.heardAt = clock.now()
      this.#trouble.over()
    }
    this.caughtUp ||= [...this.#places.values()].every(({ next, target }) => next >= target)
    polled()
    if (faults > 0) await clock.sleep(second, signal)
  }

  #show(fetched: Fetched): void {
    fetched.each((record) => this.#options.visit(record, fetched.partition))
    const place = this.#places.get(fetched.partition)
    if (place !== undefined) place.next = fetched.next
  }

  /** New partitions are read from their start: all they hold is new. */
  async #addPartitions(reader: Reader): Promise<void> {
    const { log, topic, back } = this.#options
    const first = this.#places.size === 0
    const count = await log.partitions(topic)
    for (let partition = 0; partition < count; partition += 1) {
      if (this.#places.has(partition)) continue
      const { start, end } = await log.bounds(topic, partition)
      const next = first ? Math.max(start, end - back) : start
      this.#places.set(partition, { next, target: end })
      reader.seek(partition, next)
    }
  }

  /**
   * Records that expired, or a topic made anew, put the position out of range: go on at what is there. After other
   * faults the same position is tried again, for a reader may have dropped it.
   */
  async #mend(reader: Reader, { partition, fault }: FetchFault): Promise<void> {
    const { log, topic } = this.#options
    this.#trouble.about(fault)
    if (fault.reason === 'OffsetOutOfRange') {
      const { start, end } = await log.bounds(topic, partition)
      this.#places.set(partition, { next: start, target: end })
    }
    const place = this.#places.get(partition)
    if (place !== undefined) reader.seek(partition, place.next)
  }

  #newReader(): Reader {
    const reader = this.#options.log.reader(this.#options.topic)
    for (const [partition, { next }] of this.#places) reader.seek(partition, next)
    this.#reader = reader
    return reader
  }

  async #dropReader(): Promise<void> {
    const reader = this.#reader
    this.#reader = undefined
    await reader?.close().catch((error: unknown) => this.#trouble.about(error))
  }
}

/** Begins to read, without a group: each consumer sees all results. */
export const tail = (options: TailOptions): Tail => {
  const tailing = new Tailing(options)
  return { done: tailing.run(), caughtUp: () => tailing.caughtUp, heardAt: () => tailing.heardAt }
}
