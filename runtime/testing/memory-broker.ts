import { systemClock } from '../roles/clock.ts'
import { type Append, type Lease, LogFault, type Position } from '../roles/log.ts'
import type { Clock } from '../roles/role.ts'
import { MemoryGroups } from './memory-groups.ts'
import { MemoryPartition, type StoredRecord } from './memory-partition.ts'
import { type Forgotten, MemoryTransactions } from './memory-transaction.ts'

/**
 * How a commit can fail: `lost` before anything was written; `open` with everything written but the end, which the
 * next lease makes an abort; `applied` with everything done, but the answer lost. When the brokers crash at its end they
 * forget to tell some of its places, whether it was committed (`applied`) or is rolled back by the next lease (`open`).
 */
export type CommitFault = 'lost' | 'open' | 'applied' | { kind: 'open' | 'applied'; forgotten: Forgotten }

export type Transaction = Parameters<Lease['commit']>[0]

/** Who holds a lease. */
export interface Holder {
  transactionalId: string
  epoch: number
}

interface At {
  group: string
  topic: string
  partition: number
}

const positionKey = ({ group, topic, partition }: At): string => JSON.stringify([group, topic, partition])
const unreachable = (message: string): LogFault =>
  new LogFault(message, { reason: 'Unreachable', retry: true })

/** A log in memory, to which any number of clients connect; see memoryLog. Deterministic. */
export class MemoryBroker {
  readonly clock: Clock
  readonly groups: MemoryGroups
  /** Asked for each commit how it is to fail. */
  commitFault: (transactionalId: string) => CommitFault | undefined = () => undefined
  /** Asked for each fetch how it is to fail. */
  fetchFault: (topic: string) => LogFault | undefined = () => undefined
  /** Told each transaction that became visible, and the newest epoch of its id at that moment. */
  committed: (transaction: Transaction, holder: Holder & { newest: number }) => void = () => undefined
  /** Awaited by each commit between its records and its end. */
  beforeEnd: () => Promise<void> = () => Promise.resolve()
  readonly #topics = new Map<string, MemoryPartition[]>()
  readonly #positions = new Map<string, Position>()
  readonly #leases = new Map<
    string,
    { epoch: number; transactions: MemoryTransactions; forgotten?: Forgotten | undefined }
  >()
  #waiting: (() => void)[] = []

  constructor(clock: Clock = systemClock) {
    this.clock = clock
    this.groups = new MemoryGroups((topic) => this.#topics.get(topic)?.length ?? 0)
  }

  /** Creates a topic, or adds partitions to it. */
  createTopic(topic: string, partitions: number): void {
    const list = this.#topics.get(topic) ?? []
    this.#topics.set(topic, list)
    while (list.length < partitions) list.push(new MemoryPartition())
    this.groups.spread(topic)
  }

  /** Deletes a topic with all its records and positions. */
  deleteTopic(topic: string): void {
    this.#topics.delete(topic)
    this.forgetPositions(topic)
  }

  partitions(topic: string): number {
    const list = this.#topics.get(topic)
    if (list === undefined) throw this.#unknown(topic, 0)
    return list.length
  }

  /** Throws UnknownPartition. */
  partition(topic: string, partition: number): MemoryPartition {
    const found = this.#topics.get(topic)?.[partition]
    if (found === undefined) throw this.#unknown(topic, partition)
    return found
  }

  /** All committed records of a topic that still exist, by partition, with their headers. */
  records(topic: string): StoredRecord[][] {
    return (this.#topics.get(topic) ?? []).map((partition) => partition.records(partition.start))
  }

  /** Throws Unstable where a transaction is about to move it, or hangs. */
  position(at: At): Position | undefined {
    const key = positionKey(at)
    if ([...this.#leases.values()].some(({ transactions }) => transactions.hangs(key)))
      throw new LogFault(`a transaction is about to move the position ${key}`, {
        reason: 'Unstable',
        retry: true,
      })
    const position = this.#positions.get(key)
    return position && { ...position }
  }

  /** Loses all positions of a topic in all groups, as when the topic is created again. */
  forgetPositions(topic: string): void {
    for (const key of this.#positions.keys())
      if (key.includes(`,${JSON.stringify(topic)},`)) this.#positions.delete(key)
  }

  append({ topic, partition, messages }: Append): number {
    const first = this.partition(topic, partition).append(messages, { now: this.clock.now() })
    this.#changed()
    return first
  }

  /** Raises the epoch and rolls back what the former holder left open. */
  lease(transactionalId: string): number {
    const lease = this.#leases.get(transactionalId) ?? { epoch: 0, transactions: new MemoryTransactions() }
    this.#leases.set(transactionalId, lease)
    if (lease.transactions.isOpen) lease.transactions.end('aborted', lease.forgotten)
    lease.forgotten = undefined
    lease.epoch += 1
    this.#changed()
    return lease.epoch
  }

  /** Ends what hangs under a lease; see Lease.settle. */
  settle(holder: Holder, { partitions, commit }: Omit<Parameters<Lease['settle']>[0], 'group'>): void {
    const { transactions } = this.#held(holder)
    const places = partitions.map(({ topic, partition }) => this.partition(topic, partition))
    const end = (commit ?? places[0]?.lastIsCommitted === true) ? 'committed' : 'aborted'
    transactions.begin()
    for (const place of places) transactions.part(place)
    this.#move(transactions.end(end))
  }

  /** Commits under a lease. Other things may happen between its steps. */
  async commit(holder: Holder, transaction: Transaction): Promise<void> {
    const lease = this.#held(holder)
    const given = this.commitFault(holder.transactionalId)
    const { kind: fault, forgotten } =
      typeof given === 'object' ? given : { kind: given, forgotten: undefined }
    const appends = transaction.appends
      .filter(({ messages }) => messages.length > 0)
      .map(({ topic, partition, messages }) => ({ to: this.partition(topic, partition), messages }))
    if (fault === 'lost') throw unreachable('the commit was lost on its way')
    const { transactions } = lease
    transactions.begin()
    for (const { to, messages } of appends)
      to.append(messages, { now: this.clock.now(), part: transactions.part(to) })
    for (const { offset, metadata, ...place } of transaction.positions)
      transactions.move(positionKey({ group: transaction.group, ...place }), { offset, metadata })
    await this.beforeEnd()
    this.#held(holder)
    if (fault === 'open') {
      lease.forgotten = forgotten
      throw unreachable('the end of the commit was lost on its way')
    }
    this.#move(transactions.end('committed', forgotten))
    // What has reached no place is rolled back later.
    if (forgotten === undefined || !(forgotten.first && forgotten.positions))
      this.committed(transaction, { ...holder, newest: lease.epoch })
    if (fault === 'applied') throw unreachable('the answer to the commit was lost on its way')
  }

  /** Resolves at the next change of any partition. */
  change(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  #held({ transactionalId, epoch }: Holder) {
    const lease = this.#leases.get(transactionalId)
    if (lease?.epoch === epoch) return lease
    throw new LogFault(`the lease ${transactionalId} was taken by somebody else`, {
      reason: 'Fenced',
      retry: false,
    })
  }

  #move(positions: ReadonlyMap<string, Position>): void {
    for (const [key, position] of positions) this.#positions.set(key, position)
    this.#changed()
  }

  #changed(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }

  #unknown(topic: string, partition: number): LogFault {
    return new LogFault(`there is no partition ${partition} of the topic ${topic}`, {
      reason: 'UnknownPartition',
      retry: true,
    })
  }
}
