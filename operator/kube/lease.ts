import type { Key } from '../api/kubernetes.ts'
import type { Client } from './client.ts'
import type { LeaseRecord } from './election.ts'
import { StatusFault } from './fault.ts'
import { apiVersionOf, collectionPath, objectPath } from './kinds.ts'
import { microTime } from './recorder.ts'

const version = 'v1'
const apiVersion = apiVersionOf('Lease', version)

/** Milliseconds that an answer may take while the process ends. */
const patience = 3_000

/** A Lease as it was read; the version makes a write fail when somebody else wrote meanwhile. */
export interface ReadLease {
  version: string
  record: LeaseRecord
}

/** coordination.k8s.io/v1, as far as we read it. */
interface Lease {
  metadata: { resourceVersion: string }
  spec?: {
    holderIdentity?: string | null
    leaseDurationSeconds?: number | null
    renewTime?: string | null
    leaseTransitions?: number | null
  }
}

/** What an instance writes into the Lease. */
export interface Claim {
  /** '' releases it. */
  holder: string
  /** Milliseconds; whole seconds are written. */
  duration: number
  /** Milliseconds since the epoch. */
  at: number
}

/** Reads and writes one Lease. All throw a StatusFault: Conflict when somebody else wrote first. */
export class LeaseStore {
  readonly #client: Pick<Client, 'request'>
  readonly #key: Key

  constructor(client: Pick<Client, 'request'>, key: Key) {
    this.#client = client
    this.#key = key
  }

  /**
   * Whether the namespace of the Lease is being deleted, so that nothing can be made in it any more: asked by a dry run, since
   * we have no right to look at a namespace.
   */
  async isEnding(): Promise<boolean> {
    const { name, namespace } = this.#key
    const path = collectionPath('Lease', { version, namespace })
    const body = { apiVersion, kind: 'Lease', metadata: { name, namespace } }
    const signal = AbortSignal.timeout(patience)
    try {
      await this.#client.request({ method: 'POST', path, body, query: { dryRun: 'All' }, signal })
      return false
    } catch (error) {
      return error instanceof StatusFault && error.reason === 'NamespaceTerminating'
    }
  }

  /** Undefined when there is none. */
  async read(signal: AbortSignal): Promise<ReadLease | undefined> {
    try {
      const path = objectPath('Lease', version, this.#key)
      return parse(await this.#client.request({ method: 'GET', path, signal }))
    } catch (error) {
      if (error instanceof StatusFault && error.reason === 'NotFound') return undefined
      throw error
    }
  }

  /** Writes over what was read, or makes the Lease when none was. */
  async write(read: ReadLease | undefined, claim: Claim, signal: AbortSignal): Promise<ReadLease> {
    const { name, namespace } = this.#key
    const spec = specOf(read?.record, claim)
    if (!read) {
      const path = collectionPath('Lease', { version, namespace })
      const body = { apiVersion, kind: 'Lease', metadata: { name, namespace }, spec }
      return parse(await this.#client.request({ method: 'POST', path, body, signal }))
    }
    const path = objectPath('Lease', version, this.#key)
    const body = { metadata: { resourceVersion: read.version }, spec }
    const contentType = 'application/merge-patch+json'
    return parse(await this.#client.request({ method: 'PATCH', path, body, contentType, signal }))
  }
}

function specOf(
  before: LeaseRecord | undefined,
  { holder, duration, at }: Claim,
): NonNullable<Lease['spec']> {
  const time = microTime(at)
  const moves = before !== undefined && holder !== '' && before.holder !== holder
  return {
    holderIdentity: holder,
    leaseDurationSeconds: Math.ceil(duration / 1000),
    renewTime: time,
    leaseTransitions: (before?.transitions ?? 0) + (moves ? 1 : 0),
    ...(before?.holder !== holder && { acquireTime: time }),
  }
}

function parse(answer: unknown): ReadLease {
  const { metadata, spec = {} } = answer as Lease
  return {
    version: metadata.resourceVersion,
    record: {
      holder: spec.holderIdentity ?? '',
      duration: (spec.leaseDurationSeconds ?? 0) * 1000,
      renewed: spec.renewTime ?? '',
      transitions: spec.leaseTransitions ?? 0,
    },
  }
}
