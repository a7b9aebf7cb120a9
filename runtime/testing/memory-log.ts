import {
  type Fetched,
  type FetchFault,
  type Lease,
  type Log,
  LogFault,
  type Membership,
  type Reader,
} from '../roles/log.ts'
import type { MemoryBroker } from './memory-broker.ts'
import type { StoredRecord } from './memory-partition.ts'

/** Milliseconds that a poll waits at most. */
const pollWait = 500
/** Records of a partition that one poll brings at most. */
const mostRecords = 1_000

/** A client of a broker in memory. */
export interface MemoryLog extends Log {
  /** The process dies: nothing it does reaches the broker any more, and its group goes on without it. */
  crash(): void
  /** The process sleeps too long: its group goes on without it, and nobody tells it. */
  expel(): void
}

/** A copy, also of a Buffer, whose slice would be a view. */
const copy = (bytes: Uint8Array | null): Uint8Array | null => bytes && new Uint8Array(bytes)

/** Shows records as views that are worth nothing afterwards, as those of a real fetch. */
const show = (records: readonly StoredRecord[]): Fetched['each'] => {
  return (visit) => {
    for (const { offset, timestamp, key, value } of records) {
      const record = { offset, timestamp, key: copy(key), value: copy(value) }
      visit(record)
      record.key?.fill(0xff)
      record.value?.fill(0xff)
    }
  }
}

class MemoryReader implements Reader {
  readonly #broker: MemoryBroker
  readonly #topic: string
  readonly #check: () => void
  readonly #offsets = new Map<number, number>()
  readonly #closed = new AbortController()

  constructor(broker: MemoryBroker, topic: string, check: () => void) {
    this.#broker = broker
    this.#topic = topic
    this.#check = check
  }

  seek(partition: number, offset: number): void {
    this.#offsets.set(partition, offset)
  }

  drop(partition: number): void {
    this.#offsets.delete(partition)
  }

  async poll(): Promise<(Fetched | FetchFault)[]> {
    this.#check()
    if (![...this.#offsets].some((at) => this.#hasNews(at))) await this.#wait()
    this.#check()
    return [...this.#offsets].map(([partition, offset]) => this.#fetch(partition, offset))
  }

  close(): Promise<void> {
    this.#closed.abort()
    this.#offsets.clear()
    return Promise.resolve()
  }

  async #wait(): Promise<void> {
    const done = new AbortController()
    const signal = AbortSignal.any([done.signal, this.#closed.signal])
    await Promise.race([this.#broker.change(), this.#broker.clock.sleep(pollWait, signal)])
    done.abort()
  }

  #hasNews([partition, offset]: [number, number]): boolean {
    const answer = this.#read(partition, offset)
    return 'fault' in answer || answer.next > offset
  }

  #fetch(partition: number, offset: number): Fetched | FetchFault {
    const answer = this.#read(partition, offset)
    if ('fault' in answer) {
      if (!answer.fault.retry) this.#offsets.delete(partition)
    } else this.#offsets.set(partition, answer.next)
    return answer
  }

  #read(partition: number, offset: number): Fetched | FetchFault {
    try {
      const fault = this.#broker.fetchFault(this.#topic)
      if (fault !== undefined) throw fault
      const log = this.#broker.partition(this.#topic, partition)
      log.checkOffset(offset)
      const end = log.end
      const next = Math.max(offset, Math.min(end, offset + mostRecords))
      return { partition, next, end, high: log.high, each: show(log.records(offset, next)) }
    } catch (error) {
      if (error instanceof LogFault) return { partition, fault: error }
      throw error
    }
  }
}

/** Connects a client to a broker in memory. */
export const memoryLog = (broker: MemoryBroker): MemoryLog => {
  let alive = true
  const memberships = new Set<Membership>()
  const expel = (): void => {
    for (const membership of memberships) void membership.leave()
    memberships.clear()
  }
  const check = (): void => {
    if (!alive) throw new LogFault('this client is gone', { reason: 'Unreachable', retry: true })
  }
  /** Answers come later, and only to the living. */
  const ask = async <T>(question: () => T | Promise<T>): Promise<T> => {
    check()
    await Promise.resolve()
    const answer = await question()
    check()
    return answer
  }
  return {
    partitions: (topic) => ask(() => broker.partitions(topic)),
    bounds: (topic, partition) =>
      ask(() => {
        const { start, end } = broker.partition(topic, partition)
        return { start, end }
      }),
    hidden: ({ topic, partition }) => ask(() => broker.partition(topic, partition).hidden()),
    lease: (transactionalId, signal) =>
      ask(() => {
        signal.throwIfAborted()
        const epoch = broker.lease(transactionalId)
        const holder = { transactionalId, epoch }
        return heldLease({
          commit: (transaction) => ask(() => broker.commit(holder, transaction)),
          settle: (hanging) => ask(() => broker.settle(holder, hanging)),
        })
      }),
    position: (at) => ask(() => broker.position(at)),
    reader: (topic) => new MemoryReader(broker, topic, check),
    append: (append) => ask(() => broker.append(append)),
    join: (options) =>
      ask(() => {
        const assigned = (partitions: number[]): void => {
          if (alive) options.assigned(partitions)
        }
        const membership = broker.groups.join({ ...options, assigned })
        memberships.add(membership)
        return membership
      }),
    close: () => {
      expel()
      alive = false
      return Promise.resolve()
    },
    crash() {
      alive = false
      expel()
    },
    expel,
  }
}

/** One commit at a time; after any error the lease refuses everything. */
const heldLease = ({ commit, settle }: Lease): Lease => {
  let blocked: string | undefined
  return {
    async commit(transaction) {
      if (blocked !== undefined) throw new LogFault(blocked, { reason: 'Refused', retry: false })
      blocked = 'another commit is running'
      await commit(transaction).catch((error: unknown) => {
        blocked = 'the lease was lost by an error before'
        throw error
      })
      blocked = undefined
    },
    settle,
  }
}
