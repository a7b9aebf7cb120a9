import type { ISocketFactory } from 'kafkajs'
import { LogFault, type Place } from '../roles/log.ts'
import {
  type CoordinatorKind,
  findCoordinator,
  leaderIn,
  type Metadata,
  metadata,
} from './cluster-requests.ts'
import { protocolFault } from './faults.ts'
import { socketFactory } from './kafkajs.ts'
import { type Address, Line, type Request } from './line.ts'

/**
 * The ways to the brokers of one cluster: shared connections by address, and what is known of leaders and
 * coordinators until somebody finds it wrong and calls `forget`. It never retries.
 */
export class Transport {
  readonly #seeds: readonly Address[]
  readonly #clientId: string
  readonly #closing = new AbortController()
  readonly #lines = new Map<Address, Promise<Line>>()
  readonly #dialled = new Set<Line>()
  readonly #topics = new Map<string, Promise<Metadata>>()
  readonly #coordinators = new Map<string, Promise<Address>>()
  #nodes: Address[] = []

  constructor(bootstrapServers: string, clientId: string) {
    this.#seeds = bootstrapServers.split(',')
    this.#clientId = clientId
  }

  /** Aborted when the transport is closed. */
  get signal(): AbortSignal {
    return this.#closing.signal
  }

  /** Sends over the shared connection to this broker. */
  async send<T>(address: Address, request: Request<T>): Promise<T> {
    const line = await this.#line(address)
    return line.send(request)
  }

  /** Sends to any broker that answers. */
  async ask<T>(request: Request<T>): Promise<T> {
    let fault: unknown
    for (const address of new Set([...this.#lines.keys(), ...this.#nodes, ...this.#seeds])) {
      try {
        return await this.send(address, request)
      } catch (error) {
        if (!(error instanceof LogFault) || error.reason !== 'Unreachable') throw error
        fault = error
      }
    }
    throw fault
  }

  /** Opens a connection of the caller's own, who closes it. */
  async dial(address: Address, sockets: ISocketFactory = socketFactory()): Promise<Line> {
    this.signal.throwIfAborted()
    const line = new Line(address, this.#clientId, sockets)
    for (const old of this.#dialled) if (old.ended) this.#dialled.delete(old)
    this.#dialled.add(line)
    return line.connect()
  }

  /** The broker that leads the partition. */
  async leader({ topic, partition }: Place): Promise<Address> {
    const found = await this.topic(topic)
    const leader = leaderIn(found, partition)
    if (leader !== undefined) return leader
    this.forget(topic)
    const isUnknown = found.leaders[partition] === undefined
    throw protocolFault(found.error || (isUnknown ? 3 : 5), `finding the leader of ${topic}/${partition}`)
  }

  /** What is known of a topic; `fresh` asks again. */
  topic(topic: string, { fresh = false } = {}): Promise<Metadata> {
    if (fresh) this.#topics.delete(topic)
    return remembered(this.#topics, topic, async () => {
      const found = await this.ask(metadata(topic))
      this.#nodes = [...found.nodes.values()]
      return found
    })
  }

  /** Sends to the coordinator of a group or a transactional id. */
  async coordinate<T>(kind: CoordinatorKind, key: string, request: Request<T>): Promise<T> {
    try {
      return await this.send(await this.coordinator(kind, key), request)
    } catch (error) {
      if (error instanceof LogFault && error.reason === 'Unreachable') this.forgetCoordinator(kind, key)
      throw error
    }
  }

  coordinator(kind: CoordinatorKind, key: string): Promise<Address> {
    return remembered(this.#coordinators, `${kind} ${key}`, () => this.ask(findCoordinator(kind, key)))
  }

  /** Lets the next call look up the leaders of the topic again. */
  forget(topic: string): void {
    this.#topics.delete(topic)
  }

  forgetCoordinator(kind: CoordinatorKind, key: string): void {
    this.#coordinators.delete(`${kind} ${key}`)
  }

  close(): void {
    this.#closing.abort(new LogFault('the log was closed', { reason: 'Unreachable', retry: false }))
    for (const line of this.#dialled) line.close()
  }

  async #line(address: Address): Promise<Line> {
    const made = remembered(this.#lines, address, () => this.dial(address))
    const line = await made
    if (line.open) return line
    if (this.#lines.get(address) === made) this.#lines.delete(address)
    return this.#line(address)
  }
}

/** The value that is made once for a key, by all who ask meanwhile; a failure is not kept. */
function remembered<T>(map: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = map.get(key)
  if (known) return known
  const made = make()
  map.set(key, made)
  made.catch(() => {
    if (map.get(key) === made) map.delete(key)
  })
  return made
}
