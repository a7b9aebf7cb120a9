import { type Append, type Lease, LogFault } from '../roles/log.ts'
import { RecordWriter } from '../record-writer.ts'
import { encodeBatches, stamp } from './batch-encode.ts'
import { persist } from './patience.ts'
import {
  addOffsets,
  addPartitions,
  commitOffsets,
  endTransaction,
  type Holder,
  initProducerId,
  produce,
} from './producer-requests.ts'
import type { Request } from './line.ts'
import { lastIsCommitted } from './hanging.ts'
import type { Transport } from './transport.ts'

/** Milliseconds after which the broker rolls back a transaction that its holder left open. */
const transactionTimeout = 10_000

const heals = ({ retry, reason }: LogFault) => retry && reason !== 'UnknownPartition'
/** The broker answered and asks to wait. */
const isBusy = ({ retry, reason }: LogFault) => retry && reason === 'Refused'

type Transaction = Parameters<Lease['commit']>[0]

/**
 * Takes the lease: the epoch of the transactional id is raised, a transaction that the former holder left open is
 * rolled back, and its later writes fail. While that rollback goes on the broker answers CONCURRENT_TRANSACTIONS.
 */
export async function takeLease(
  transport: Transport,
  transactionalId: string,
  signal: AbortSignal,
): Promise<Lease> {
  const either = AbortSignal.any([signal, transport.signal])
  const identity = await persist(
    () =>
      transport.coordinate(
        'transaction',
        transactionalId,
        initProducerId(transactionalId, transactionTimeout),
      ),
    { signal: either, first: 10 },
  )
  return new HeldLease(transport, { transactionalId, ...identity })
}

/** The writing to one partition. */
interface Writing {
  /** Of the next batch. */
  sequence: number
  /** One batch at a time is on its way. */
  memory: RecordWriter
}

class HeldLease implements Lease {
  readonly #transport: Transport
  readonly #holder: Holder
  /** By partition. */
  readonly #writing = new Map<string, Writing>()
  /** Why nothing can be committed any more, or not at the moment. */
  #blocked: string | undefined

  constructor(transport: Transport, holder: Holder) {
    this.#transport = transport
    this.#holder = holder
  }

  async commit(transaction: Transaction): Promise<void> {
    const { transactionalId } = this.#holder
    if (this.#blocked)
      throw new LogFault(`committing under ${transactionalId}: ${this.#blocked}`, {
        reason: 'Refused',
        retry: false,
      })
    this.#blocked = 'another commit is running: one at a time'
    try {
      await this.#commit(transaction)
      this.#blocked = undefined
    } catch (error) {
      this.#blocked = 'the lease was lost by the error before: take it again'
      for (const { topic } of transaction.appends) this.#transport.forget(topic)
      throw error
    }
  }

  /**
   * A transaction whose leaders were all away when the coordinator came back never gets its marks: the coordinator
   * takes such partitions for deleted, and the transaction for complete. The marks of another transaction with the
   * same partitions end it too.
   */
  async settle({ group, partitions, commit: told }: Parameters<Lease['settle']>[0]): Promise<void> {
    const [first] = partitions
    if (first === undefined) return
    const commit = told ?? (await lastIsCommitted(this.#transport, first))
    await this.#patiently(() => this.#coordinate(addPartitions(this.#holder, partitions)))
    await this.#patiently(() => this.#coordinate(addOffsets(this.#holder, group)))
    // Were it left open, the next lease would roll it back, and what hangs with it. To ask again changes nothing.
    await this.#patiently(() => this.#coordinate(endTransaction(this.#holder, { commit })))
  }

  /**
   * Records go before the positions: one that is missing must never be passed. Those of the first place go before all
   * others, as what a crash leaves hanging ends as it says: were it without records, it would speak of the transaction before.
   * And none begins at a broker that was away: it may have forgotten the marks of the one before, which then ends as this one.
   */
  async #commit({ appends, group, positions }: Transaction): Promise<void> {
    if (appends.length + positions.length === 0) return
    const begins = appends.length > 0 ? addPartitions(this.#holder, appends) : addOffsets(this.#holder, group)
    await this.#patiently(() => this.#coordinate(begins), isBusy)
    const rows = Map.groupBy(appends, ({ topic, partition }) => `${topic}/${partition}`)
    const [first, ...rest] = rows
    if (first !== undefined) await this.#write(...first)
    await Promise.all(rest.map((row) => this.#write(...row)))
    if (positions.length > 0) {
      if (appends.length > 0) await this.#patiently(() => this.#coordinate(addOffsets(this.#holder, group)))
      const request = commitOffsets(this.#holder, group, positions)
      await this.#patiently(() => this.#transport.coordinate('group', group, request))
    }
    await this.#coordinate(endTransaction(this.#holder, { commit: true }))
  }

  /**
   * For requests that may be repeated. A coordinator may be moving, and right after a commit its markers may
   * still be on their way: the broker then asks to wait.
   */
  #patiently<T>(work: () => Promise<T>, mayHeal = heals): Promise<T> {
    const { signal } = this.#transport
    return persist(work, { signal, deadline: transactionTimeout / 2, first: 5, heals: mayHeal })
  }

  #coordinate<T>(request: Request<T>): Promise<T> {
    return this.#transport.coordinate('transaction', this.#holder.transactionalId, request)
  }

  /** Batches to one partition, in order, each acknowledged before the next is sent. */
  async #write(key: string, row: readonly Append[]): Promise<void> {
    const { transactionalId } = this.#holder
    const writing = this.#writing.get(key) ?? { sequence: 0, memory: new RecordWriter() }
    this.#writing.set(key, writing)
    for (const { topic, partition, messages } of row) {
      const leader = await this.#transport.leader({ topic, partition })
      for (const batch of encodeBatches(messages, Date.now(), writing.memory)) {
        const { sequence } = writing
        const bytes = stamp(batch, { ...this.#holder, sequence, transactional: true })
        await this.#transport.send(leader, produce({ topic, partition }, bytes, transactionalId))
        writing.sequence = (sequence + batch.count) % 2 ** 31
      }
    }
  }
}
