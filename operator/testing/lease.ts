import { StatusFault } from '../kube/fault.ts'
import type { Claim, LeaseStore, ReadLease } from '../kube/lease.ts'
import type { Clock } from '../reconcile/clock.ts'

export interface FakeLeaseOptions {
  clock: Clock
  /** Milliseconds of the next way to the API server, or back; default 0. */
  delay?: () => number
}

/** One Lease on an API server that takes its time. */
export class FakeLease {
  readonly #clock: Clock
  readonly #delay: () => number
  #lease: ReadLease | undefined
  #counter = 0
  down = false
  /** So many requests from now on have no answer. */
  refusals = 0
  /** Requests that arrived. */
  readonly requests: ('read' | 'write')[] = []

  constructor({ clock, delay = () => 0 }: FakeLeaseOptions) {
    this.#clock = clock
    this.#delay = delay
  }

  get holder(): string | undefined {
    return this.#lease?.record.holder
  }

  /** Somebody writes what no instance asked for. */
  put(holder: string): void {
    this.#lease = this.#written({ holder, duration: 15_000, at: 0 })
  }

  /** What an instance with this clock sees of it. A request that the instance gave up is done all the same. */
  store(clock: Clock = this.#clock): Pick<LeaseStore, 'read' | 'write'> {
    const answer = async <T>(kind: 'read' | 'write', signal: AbortSignal, work: () => T): Promise<T> => {
      await this.#travel()
      this.requests.push(kind)
      if (this.down || this.#refuses()) throw new StatusFault('no answer', { code: 0, reason: 'Unavailable' })
      const done = work()
      await this.#travel()
      await new Promise<void>((resolve) => clock.after(0, resolve))
      signal.throwIfAborted()
      return done
    }
    return {
      read: (signal) => answer('read', signal, () => this.#lease),
      write: (read, claim, signal) => answer('write', signal, () => this.#write(read, claim)),
    }
  }

  #refuses(): boolean {
    const refuses = this.refusals > 0
    if (refuses) this.refusals -= 1
    return refuses
  }

  #write(read: ReadLease | undefined, claim: Claim): ReadLease {
    if (read?.version !== this.#lease?.version)
      throw new StatusFault('somebody wrote first', { code: 409, reason: 'Conflict' })
    return (this.#lease = this.#written(claim))
  }

  #written({ holder, duration }: Claim): ReadLease {
    const version = String(++this.#counter)
    return { version, record: { holder, duration, renewed: version, transitions: 0 } }
  }

  #travel(): Promise<void> {
    return new Promise((resolve) => this.#clock.after(this.#delay(), resolve))
  }
}
