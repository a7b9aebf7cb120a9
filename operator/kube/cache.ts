import type { Logger } from 'pino'
import type { KubernetesObject } from '../api/kubernetes.ts'
import type { Clock } from '../reconcile/clock.ts'
import type { Kind } from '../reconcile/cluster.ts'
import type { Client } from './client.ts'
import { parsePage } from './events.ts'
import { type StatusFault } from './fault.ts'
import { apiVersionOf, collectionPath, kinds } from './kinds.ts'
import { Reflector, type Source } from './reflector.ts'
import { type Change, type ChangeType, Store } from './store.ts'

export interface CacheOptions {
  kind: Kind
  client: Client
  /** undefined: all namespaces */
  namespace: string | undefined
  /** Whether an object is ever read; the others take no memory. Default: all are. */
  keeps?: ((object: KubernetesObject) => boolean) | undefined
  onChange: (kind: Kind, object: KubernetesObject, type: ChangeType) => void
  clock: Clock
  logger: Logger
}

/** The objects of one kind, and the reflector that keeps them while the kind is served. */
export class KindCache {
  readonly #options: CacheOptions
  #store: Store
  #reflector: Reflector | undefined
  #version: string | undefined
  #markSynced: () => void = () => {}
  /** Resolves when the objects are known for the first time, or that there can be none. */
  readonly whenSynced = new Promise<void>((resolve) => (this.#markSynced = resolve))
  synced = false

  constructor(options: CacheOptions) {
    this.#options = options
    this.#store = new Store(options.keeps)
    void this.whenSynced.then(() => (this.synced = true))
  }

  get store(): Store {
    return this.#store
  }

  /** The served version whose objects the store has; undefined while there is none. */
  get version(): string | undefined {
    return this.#version
  }

  get problem(): string | undefined {
    return this.#reflector?.problem
  }

  healthy(now: number): boolean {
    return this.#reflector?.healthy(now) ?? true
  }

  /**
   * Reads the kind at this version from now on; undefined where it is not served (any more). `ready` is called when
   * the store has its objects, or none.
   */
  async serve(version: string | undefined, ready: () => void = () => {}): Promise<void> {
    await this.#reflector?.stop()
    this.#reflector = undefined
    if (version === undefined) {
      this.#empty()
      return this.#settle(version, ready)
    }
    const reflector = new Reflector({
      source: sourceOf(this.#options, version),
      store: this.#store,
      changed: (change) => this.#tell(change),
      clock: this.#options.clock,
      random: Math.random,
      logger: this.#options.logger,
      explain: (fault, verb) => explain(this.#options, fault, verb),
    })
    this.#reflector = reflector
    void reflector.synced.then(() => {
      if (this.#reflector === reflector) this.#settle(version, ready)
    })
  }

  /** Takes the answer to a write of ours: it can be read at once, and is told like what the watch shows. */
  wrote(object: KubernetesObject): void {
    for (const change of this.#store.write(object)) this.#tell(change)
  }

  async stop(): Promise<void> {
    await this.#reflector?.stop()
  }

  #settle(version: string | undefined, ready: () => void): void {
    this.#version = version
    this.#markSynced()
    ready()
  }

  /** With its CRD all objects of a kind are gone. */
  #empty(): void {
    const gone = this.#store.list()
    this.#store = new Store(this.#options.keeps)
    for (const object of gone) this.#tell({ type: 'deleted', object })
  }

  #tell({ type, object }: Change): void {
    const { kind, onChange, logger } = this.#options
    try {
      onChange(kind, object, type)
    } catch (error) {
      logger.error({ kind, err: error }, 'a handler of changes threw')
    }
  }
}

function sourceOf({ kind, client, namespace }: CacheOptions, version: string): Source {
  const as = { apiVersion: apiVersionOf(kind, version), kind }
  const path = collectionPath(kind, { version, namespace })
  return {
    ...as,
    list: async (query, signal) =>
      parsePage(await client.request({ method: 'GET', path, query, signal }), as),
    watch: (query, signal) => client.stream({ method: 'GET', path, query, signal }),
  }
}

/** What is wrong, where, and what to do, for the log and the probes. */
const explain = (
  { kind, namespace }: Pick<CacheOptions, 'kind' | 'namespace'>,
  fault: StatusFault,
  verb: 'list' | 'watch',
): string => {
  const { group, plural } = kinds[kind]
  const resource = group === '' ? plural : `${plural}.${group}`
  if (fault.reason === 'Forbidden') {
    const [place, role] =
      namespace === undefined
        ? ['all namespaces', 'a ClusterRole and its binding, or watch a single namespace']
        : [`namespace ${namespace}`, 'a Role and its binding in that namespace']
    return `not allowed to ${verb} ${resource} in ${place}: give our service account the verbs get, list and watch by ${role}. ${fault.message}`
  }
  if (fault.reason === 'NotFound') {
    return `cannot ${verb} ${resource}: the cluster does not serve them; install the CustomResourceDefinition ${resource}. ${fault.message}`
  }
  return `cannot ${verb} ${resource}; trying again: ${fault.message}`
}

/** The caches of a cluster, by kind. */
export type Caches = ReadonlyMap<Kind, KindCache>

/** Throws where the cluster was not connected for the kind. */
export function cacheOf(caches: Caches, kind: Kind): KindCache {
  const cache = caches.get(kind)
  if (!cache) throw new Error(`${kind} is not among the kinds that this cluster was connected for`)
  return cache
}
