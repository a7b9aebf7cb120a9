import type { Logger } from 'pino'
import { type Clock, pause } from '../reconcile/clock.ts'
import { decide, defaultTerms, type Observed, observe, type Terms, validity } from './election.ts'
import { StatusFault, UnsentFault } from './fault.ts'
import type { Claim, LeaseStore, ReadLease } from './lease.ts'

/** How much longer than `retryPeriod` one that waits may sleep, so that many do not come at once (client-go's JitterFactor). */
const jitter = 1.2

export interface LeaderOptions {
  store: Pick<LeaseStore, 'read' | 'write'>
  /** `namespace/name` of the Lease, for sentences. */
  lease: string
  /** Of this instance alone, also after a restart. */
  identity: string
  terms?: Terms
  clock: Clock
  /** Milliseconds since the epoch. */
  wallClock: () => number
  /** Uniform in [0, 1). */
  random: () => number
  logger: Logger
}

/**
 * Leader election after client-go: of several instances the holder of a Lease works. Unlike there, who lost the lease
 * goes back to waiting instead of ending the process, so that an API server that is away restarts nothing.
 *
 * The Lease alone would not keep two from writing: a process can be stopped between any two steps. So each write passes
 * `guard` right before it leaves, which asks the monotonic clock; see client.ts.
 */
export class Leader {
  readonly #options: Required<LeaderOptions>
  #read: ReadLease | undefined
  #observed: Observed | undefined
  #validUntil: number | undefined
  #problem: string | undefined

  constructor(options: LeaderOptions) {
    this.#options = { terms: defaultTerms, ...options }
  }

  /** Whether this instance may write now. */
  get leads(): boolean {
    return this.#validUntil !== undefined && this.#options.clock.now() < this.#validUntil
  }

  /** What keeps it from knowing who leads, in a sentence; to wait for a leader that works is none. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** Throws unless this instance may write now. */
  readonly guard = (): void => {
    if (this.leads) return
    throw new UnsentFault(`not sent: this instance does not hold the lease ${this.#options.lease}`, {
      code: 0,
      reason: 'Unavailable',
    })
  }

  /**
   * Does the work whenever this instance leads, until `signal` aborts. A term's signal aborts when the lease is lost or
   * `signal` aborts; the next term begins when the work of the last is over. Releases the lease at the end.
   */
  async run(work: (term: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#look(signal)
      if (this.leads) await this.#serve(work, signal)
      else await pause(this.#options.clock, this.#untilNextLook(), signal)
    }
  }

  async #serve(work: (term: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { lease, logger } = this.#options
    const term = new AbortController()
    const over = new AbortController()
    const stop = () => term.abort()
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    logger.info({ lease }, 'leading')
    const done = work(term.signal).finally(() => over.abort())
    done.catch(() => {}) // awaited below, after the lease was kept or lost
    await this.#keep(over.signal)
    if (!over.signal.aborted) logger.warn({ lease }, 'the lease is lost; nothing is written any more')
    stop()
    signal.removeEventListener('abort', stop)
    try {
      await done
    } finally {
      await this.#release()
    }
  }

  /** Renews until the work is over or the lease is lost. */
  async #keep(over: AbortSignal): Promise<void> {
    const { clock, terms } = this.#options
    while (!over.aborted) {
      await pause(clock, terms.retryPeriod, over)
      if (!over.aborted) await this.#look(over)
      if (!this.leads) return
    }
  }

  /** Renews the lease, or reads it and does what there is to do; `leads` says what came of it. Never rejects. */
  async #look(signal: AbortSignal): Promise<void> {
    const { identity, clock } = this.#options
    try {
      if (await this.#renews(signal)) return this.#report(undefined)
      const observed = await this.#readLease(signal)
      const step = decide(observed, { identity, now: clock.now(), validUntil: this.#validUntil })
      if (step.kind === 'lost') this.#validUntil = undefined
      if (step.kind === 'renew' || step.kind === 'take') await this.#claim(signal)
      this.#report(undefined)
    } catch (error) {
      if (!signal.aborted) this.#report(error)
    }
  }

  /** A holder writes over what it wrote last without reading it, as in client-go. False where it has to look first. */
  #renews(signal: AbortSignal): Promise<boolean> {
    if (!this.leads) return Promise.resolve(false)
    return this.#claim(signal).then(
      () => true,
      () => false,
    )
  }

  async #readLease(signal: AbortSignal): Promise<Observed> {
    return this.#within(signal, async (limited) => this.#see(await this.#options.store.read(limited)))
  }

  #see(read: ReadLease | undefined): Observed {
    const { clock, terms } = this.#options
    this.#read = read
    return (this.#observed = observe(this.#observed, read?.record, { now: clock.now(), terms }))
  }

  async #claim(signal: AbortSignal): Promise<void> {
    const { identity, terms, clock } = this.#options
    const start = clock.now()
    await this.#write({ holder: identity, duration: terms.leaseDuration }, signal)
    // The answer may be old by now; what counts is when we asked.
    this.#validUntil = validity(start, terms)
  }

  async #write(claim: Omit<Claim, 'at'>, signal: AbortSignal): Promise<void> {
    const { store, wallClock } = this.#options
    await this.#within(signal, async (limited) =>
      this.#see(await store.write(this.#read, { ...claim, at: wallClock() }, limited)),
    )
  }

  /** So that a successor need not wait; client-go leaves a second, too. */
  async #release(): Promise<void> {
    const { identity, lease, logger } = this.#options
    const held = this.leads
    this.#validUntil = undefined
    if (!held) return
    const { signal } = new AbortController()
    try {
      const { record } = await this.#readLease(signal)
      if (record?.holder === identity) await this.#write({ holder: '', duration: 1_000 }, signal)
      logger.info({ lease }, 'the lease is released')
    } catch (error) {
      logger.warn({ lease, err: error }, 'the lease could not be released; a successor waits for its end')
    }
  }

  /** Gives a request half the renew deadline, so that another try fits in. */
  async #within<T>(signal: AbortSignal, work: (limited: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, terms } = this.#options
    const limited = new AbortController()
    const abort = () => limited.abort()
    const cancel = clock.after(terms.renewDeadline / 2, abort)
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
    try {
      return await work(limited.signal)
    } finally {
      cancel()
      signal.removeEventListener('abort', abort)
    }
  }

  #untilNextLook(): number {
    const { terms, random } = this.#options
    return terms.retryPeriod * (1 + jitter * random())
  }

  /** Somebody else who wrote first is no problem. */
  #report(error: unknown): void {
    const { lease, logger } = this.#options
    const isRace = error instanceof StatusFault && error.reason === 'Conflict'
    const problem = error === undefined || isRace ? undefined : explain(lease, error)
    if (problem !== undefined && problem !== this.#problem) logger.warn({ lease, err: error }, problem)
    this.#problem = problem
  }
}

const explain = (lease: string, error: unknown): string => {
  const why = error instanceof Error ? error.message : String(error)
  if (error instanceof StatusFault && error.reason === 'Forbidden')
    return `not allowed to hold the lease ${lease}: give our service account the verbs get, create and patch on leases.coordination.k8s.io by a Role in that namespace. ${why}`
  return `cannot see who holds the lease ${lease}; trying again: ${why}`
}
