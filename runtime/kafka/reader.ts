import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Fetched, FetchFault, LogFault, Reader, ReadMemory, Regions } from '../roles/log.ts'
import { decodeBatches, type Decoding } from './batch-decode.ts'
import { leaderIn } from './cluster-requests.ts'
import { asFault, protocolFault } from './faults.ts'
import { fetch, type FetchedPartition, type Wanted } from './fetch.ts'
import type { Address, Line } from './line.ts'
import { readingSocket } from './socket.ts'
import type { Transport } from './transport.ts'

/** Milliseconds that a poll waits at most. */
const pollWait = 500
const firstBackoff = 50
const longestBackoff = 2_000

/** Where the reading of a partition is. Each seek makes a new one, which tells answers to the one before. */
interface Cursor extends Wanted {
  /** Not before this time (milliseconds): it had faults, or is stopped for good. */
  notBefore: number
  backoff: number
}

/** What a leader answered, or why it did not. */
interface Arrival {
  leader: Address
  cursors: readonly Cursor[]
  outcome: FetchedPartition[] | LogFault
}

/**
 * Reads one topic. To each leader one fetch of all its partitions is on its way, over a connection of the reader's
 * own, as a fetch waits at the broker. The next one leaves before the poll that took its answer returns: one is on
 * its way while the caller works on the other.
 */
export class TopicReader implements Reader {
  readonly #transport: Transport
  readonly #topic: string
  readonly #cursors = new Map<number, Cursor>()
  readonly #lines = new Map<Address, Line>()
  readonly #memory: ReadMemory | undefined
  readonly #checksum: Pick<Decoding, 'checksum'>
  /** Of each leader: a new connection to it goes on where the one before read, as only one fetch is on its way. */
  readonly #regions = new Map<Address, Regions | undefined>()
  /** Leaders with a fetch on its way, or whose answer was not taken yet. */
  readonly #busy = new Set<Address>()
  #arrivals: Arrival[] = []
  #wake: () => void = () => undefined
  #polls = 0
  #starting = false
  #closed = false

  constructor(transport: Transport, topic: string, memory: ReadMemory | undefined) {
    this.#transport = transport
    this.#topic = topic
    this.#memory = memory
    this.#checksum = memory ? { checksum: (bytes) => memory.checksum(bytes) } : {}
  }

  seek(partition: number, offset: number): void {
    this.#cursors.set(partition, { partition, offset, notBefore: 0, backoff: firstBackoff })
  }

  drop(partition: number): void {
    this.#cursors.delete(partition)
  }

  async poll(): Promise<(Fetched | FetchFault)[]> {
    this.#polls += 1
    void this.#start()
    if (this.#arrivals.length === 0) await this.#arrival()
    const arrivals = this.#arrivals
    this.#arrivals = []
    const answers = arrivals.flatMap((arrival) => this.#take(arrival))
    void this.#start()
    // A caller who does not await anything would hold up what is to be sent.
    await nextTurn()
    return answers
  }

  close(): Promise<void> {
    this.#closed = true
    this.#cursors.clear()
    for (const line of this.#lines.values()) line.close()
    this.#wake()
    return Promise.resolve()
  }

  #arrival(): Promise<void> {
    if (this.#closed) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pollWait)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #arrive(arrival: Arrival): void {
    this.#arrivals.push(arrival)
    this.#wake()
  }

  /** Sends a fetch to every leader that has partitions to read and none on its way. */
  async #start(): Promise<void> {
    if (this.#starting || this.#closed) return
    this.#starting = true
    const now = Date.now()
    const due = [...this.#cursors.values()].filter(({ notBefore }) => notBefore <= now)
    // One look for all of them. Who is not found is asked for alone, with the fault that he has.
    const found = due.length > 0 ? await this.#transport.topic(this.#topic).catch(() => undefined) : undefined
    const groups = new Map<Address, Cursor[]>()
    for (const cursor of due) {
      const leader = (found && leaderIn(found, cursor.partition)) ?? (await this.#leader(cursor))
      if (leader === undefined || this.#busy.has(leader)) continue
      const group = groups.get(leader)
      if (group === undefined) groups.set(leader, [cursor])
      else group.push(cursor)
    }
    this.#starting = false
    for (const [leader, cursors] of groups) void this.#fetch(leader, cursors)
  }

  async #leader(cursor: Cursor): Promise<Address | undefined> {
    try {
      return await this.#transport.leader({ topic: this.#topic, partition: cursor.partition })
    } catch (error) {
      delay(cursor)
      this.#arrive({ leader: '', cursors: [cursor], outcome: asFault(error, this.#where(cursor)) })
      return undefined
    }
  }

  async #fetch(leader: Address, cursors: readonly Cursor[]): Promise<void> {
    this.#busy.add(leader)
    try {
      const line = await this.#line(leader)
      this.#arrive({ leader, cursors, outcome: await line.send(fetch(this.#topic, cursors)) })
    } catch (error) {
      this.#transport.forget(this.#topic)
      this.#arrive({ leader, cursors, outcome: asFault(error, `reading ${this.#topic}`) })
    }
  }

  async #line(leader: Address): Promise<Line> {
    const known = this.#lines.get(leader)
    if (known?.open) return known
    if (!this.#regions.has(leader)) this.#regions.set(leader, this.#memory?.regions())
    const line = await this.#transport.dial(leader, readingSocket(this.#regions.get(leader)))
    this.#lines.set(leader, line)
    if (this.#closed) line.close()
    return line
  }

  #take({ leader, cursors, outcome }: Arrival): (Fetched | FetchFault)[] {
    this.#busy.delete(leader)
    const current = cursors.filter((cursor) => this.#cursors.get(cursor.partition) === cursor)
    if (!Array.isArray(outcome)) return current.map((cursor) => failed(cursor, outcome))
    return current.flatMap((cursor) => {
      const part = outcome.find(({ partition }) => partition === cursor.partition)
      return part ? [this.#read(cursor, part)] : []
    })
  }

  #read(
    cursor: Cursor,
    { code, records, aborted, lastStableOffset: end, highWatermark: high }: FetchedPartition,
  ): Fetched | FetchFault {
    const { partition, offset } = cursor
    try {
      if (code !== 0) throw protocolFault(code, this.#where(cursor))
      if (records.length === 0) {
        this.#advance(cursor, offset)
        return { partition, next: offset, end, high, each: nothing, eachBatch: nothing }
      }
      const { batches, next } = decodeBatches(records, offset, { aborted, ...this.#checksum })
      this.#advance(cursor, next)
      return {
        partition,
        next,
        end,
        high,
        each: this.#untilNextPoll((visit) => {
          for (const batch of batches) batch.each({ place: batch.from, count: batch.count }, visit)
        }),
        eachBatch: this.#untilNextPoll((visit) => {
          for (const batch of batches) {
            batch.check()
            visit(batch)
          }
        }),
      }
    } catch (error) {
      this.#transport.forget(this.#topic)
      return failed(cursor, asFault(error, this.#where(cursor)))
    }
  }

  /** The records lie in memory that the fetch after the next one is read into. */
  #untilNextPoll<A>(show: (argument: A) => void): (argument: A) => void {
    const poll = this.#polls
    return (argument) => {
      if (this.#polls !== poll) throw new Error('records of a poll were asked for after the next poll')
      show(argument)
    }
  }

  #where({ partition, offset }: Wanted): string {
    return `reading ${this.#topic}/${partition} from offset ${offset}`
  }

  /** A partition that brought something goes to the end: the size of an answer is limited, and the others come first. */
  #advance(cursor: Cursor, next: number): void {
    cursor.backoff = firstBackoff
    if (next === cursor.offset) return
    cursor.offset = next
    this.#cursors.delete(cursor.partition)
    this.#cursors.set(cursor.partition, cursor)
  }
}

/** Of a partition with nothing new, as most are of most answers. */
const nothing = (): void => undefined

function failed(cursor: Cursor, fault: LogFault): FetchFault {
  if (fault.retry) delay(cursor)
  else cursor.notBefore = Infinity
  return { partition: cursor.partition, fault }
}

function delay(cursor: Cursor): void {
  cursor.notBefore = Date.now() + cursor.backoff
  cursor.backoff = Math.min(2 * cursor.backoff, longestBackoff)
}
