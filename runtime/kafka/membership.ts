import type { LogFault, Membership } from '../roles/log.ts'
import { assign } from './assignor.ts'
import { asFault } from './faults.ts'
import { heartbeat, joinGroup, type Joined, leaveGroup, syncGroup, type Group } from './group-requests.ts'
import type { Line } from './line.ts'
import { rest } from './patience.ts'
import type { Transport } from './transport.ts'

const heartbeatInterval = 1_000
const retryInterval = 500
const nobody: ReadonlyMap<string, number[]> = new Map()

/** Where troubles that heal by themselves are told. */
export interface Logger {
  warn(fields: object, message: string): void
}

export interface JoinOptions extends Group {
  logger?: Logger | undefined
  /** Gets the complete new set at every change, also when it is empty. */
  assigned: (partitions: number[]) => void
}

/**
 * A member of a group, from joining to leaving. It comes back by itself after lost connections, restarts of brokers
 * and missed sessions. Meanwhile it keeps its partitions: a member that the group has gone on without finds out
 * by its leases, not here.
 */
export class GroupMember implements Membership {
  readonly #transport: Transport
  readonly #options: JoinOptions
  readonly #leaving = new AbortController()
  readonly #signal: AbortSignal
  readonly #done: Promise<void>
  #memberId = ''
  #partitions: number[] | undefined
  #line: Line | undefined
  #failing = false

  constructor(transport: Transport, options: JoinOptions) {
    this.#transport = transport
    this.#options = options
    this.#signal = AbortSignal.any([transport.signal, this.#leaving.signal])
    this.#done = this.#stay()
  }

  async leave(): Promise<void> {
    if (this.#leaving.signal.aborted) return this.#done
    this.#leaving.abort()
    // A join may wait long at the broker: its connection is not needed to leave.
    this.#line?.close()
    await this.#done
    const { group } = this.#options
    if (this.#memberId === '') return
    await this.#transport.coordinate('group', group, leaveGroup(group, this.#memberId)).catch(() => undefined)
  }

  async #stay(): Promise<void> {
    while (!this.#signal.aborted) {
      try {
        await this.#generation()
        this.#failing = false
      } catch (error) {
        this.#recover(asFault(error, `staying in group ${this.#options.group}`))
        await rest(retryInterval, this.#signal).catch(() => undefined)
      }
    }
    this.#line?.close()
  }

  /** Joins, gets its partitions, and stays until the group spreads them anew. */
  async #generation(): Promise<void> {
    const line = await this.#connect()
    const joined = await this.#join(line)
    const count = joined.leads ? await this.#count() : 0
    const assignment = joined.leads ? assign(joined.members, count) : nobody
    const partitions = await line.send(syncGroup(this.#options, joined, assignment))
    if (!partitions) return
    this.#assigned(partitions)
    this.#failing = false
    do {
      await rest(heartbeatInterval, this.#signal)
      if (joined.leads && (await this.#count()) !== count) return
    } while (await line.send(heartbeat(this.#options.group, joined)))
  }

  async #join(line: Line): Promise<Joined> {
    const joined = await line.send(joinGroup(this.#options, this.#memberId, this.#partitions ?? []))
    this.#memberId = joined.memberId
    return joined.again ? this.#join(line) : joined
  }

  /** A connection of its own, as joining waits at the broker for the other members. */
  async #connect(): Promise<Line> {
    if (!this.#line?.open) {
      const coordinator = await this.#transport.coordinator('group', this.#options.group)
      this.#line = await this.#transport.dial(coordinator)
      if (this.#signal.aborted) this.#line.close()
    }
    return this.#line
  }

  #recover(fault: LogFault): void {
    if (this.#signal.aborted) return
    const { group } = this.#options
    if (fault.reason === 'Unreachable') {
      this.#line?.close()
      this.#transport.forgetCoordinator('group', group)
    } else {
      this.#memberId = ''
    }
    if (!this.#failing) this.#options.logger?.warn({ group, error: fault }, 'the group is out of reach')
    this.#failing = true
  }

  #assigned(partitions: number[]): void {
    const before = this.#partitions
    this.#partitions = partitions
    if (before?.join() !== partitions.join()) this.#options.assigned([...partitions])
  }

  /** The number of partitions; none while the topic is not there. */
  async #count(): Promise<number> {
    const { leaders } = await this.#transport.topic(this.#options.topic, { fresh: true })
    return leaders.length
  }
}
