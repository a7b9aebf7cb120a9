import type { Key, KubernetesObject } from '../api/kubernetes.ts'
import type { Cluster, Kind, Kinds, Seen } from '../reconcile/cluster.ts'
import { type Caches, cacheOf } from './cache.ts'
import { StatusFault, UnsentFault } from './fault.ts'
import { kinds } from './kinds.ts'
import { type Target, versionOfNone, type Writer } from './write.ts'

/** Of a write that failed and may be done all the same. */
interface Doubt {
  /** The version that the cache had then; undefined: none. */
  before: string | undefined
  /** The API server said that it failed, so most likely it was not done. */
  isAnswered: boolean
}

type Applied<K extends Kind> = KubernetesObject & { kind: K }

/**
 * Writes, and puts the answers into the caches. After a write that was done without an answer the cache lacks what
 * we made ourselves, and who decides by it could take an object for new. So the next write of that object is of the version
 * that the cache had, and where it has another one by now the object is read and the pass begins anew; where there was
 * no answer at all it is read before.
 */
class CachedWriter {
  readonly #caches: Caches
  readonly #writer: Writer
  /** By object. */
  readonly #doubts = new Map<string, Doubt>()

  constructor(caches: Caches, writer: Writer) {
    this.#caches = caches
    this.#writer = writer
  }

  delete(kind: Kind, key: Key, seen: Seen): Promise<void> {
    return this.#writer.delete(this.#target(kind, key), seen)
  }

  async removeFinalizer(kind: Kind, key: Key, finalizer: { uid: string; name: string }): Promise<void> {
    const object = await this.#writer.removeFinalizer(this.#target(kind, key), finalizer)
    if (object) this.#keep(kind, object)
  }

  async apply<K extends Kind>(object: Applied<K>, subresource?: 'status'): Promise<Kinds[K]> {
    const { kind, metadata } = object
    const id = `${kind} ${metadata.namespace}/${metadata.name}`
    const doubt = this.#doubts.get(id)
    if (doubt && !doubt.isAnswered) {
      const found = await this.#look(id, object)
      if (found?.metadata.resourceVersion !== doubt.before) throw this.#behind(id, kind, found)
    }
    const before = doubt ? doubt.before : this.#cached(kind, metadata)
    const precondition = doubt && { resourceVersion: before ?? versionOfNone }
    try {
      const sent = { ...object, metadata: { ...metadata, ...precondition } }
      const answer = await this.#writer.apply(sent, subresource)
      this.#doubts.delete(id)
      return this.#keep<K>(kind, answer)
    } catch (error) {
      if (doubt && isConflict(error)) throw this.#behind(id, kind, await this.#look(id, object))
      if (mayBeDone(error)) this.#doubts.set(id, { before, isAnswered: error.code !== 0 })
      throw error
    }
  }

  async #look(id: string, { kind, metadata }: Applied<Kind>): Promise<KubernetesObject | undefined> {
    const found = await this.#writer.find(this.#target(kind, metadata))
    this.#doubts.delete(id)
    return found
  }

  #behind(id: string, kind: Kind, found: KubernetesObject | undefined): StatusFault {
    if (found) this.#keep(kind, found)
    const message = `${id} was written without an answer and is read anew`
    return new StatusFault(message, { code: 409, reason: 'Conflict' })
  }

  #cached(kind: Kind, key: Key): string | undefined {
    return cacheOf(this.#caches, kind).store.get(key)?.metadata.resourceVersion
  }

  #keep<K extends Kind>(kind: K, object: KubernetesObject): Kinds[K] {
    cacheOf(this.#caches, kind).wrote(object)
    return object as Kinds[K]
  }

  #target(kind: Kind, key: Key): Target {
    return { kind, version: cacheOf(this.#caches, kind).version ?? kinds[kind].versions[0], key }
  }
}

/** The writes of a cluster, whose answers go into its caches. */
export const writes = (
  caches: Caches,
  writer: Writer,
): Pick<Cluster, 'apply' | 'applyStatus' | 'delete' | 'removeFinalizer'> => {
  const cached = new CachedWriter(caches, writer)
  return {
    apply: (object) => cached.apply(object),
    applyStatus: (object) => cached.apply(object, 'status'),
    delete: (...what) => cached.delete(...what),
    removeFinalizer: (...what) => cached.removeFinalizer(...what),
  }
}

const isConflict = (error: unknown): boolean => error instanceof StatusFault && error.reason === 'Conflict'

const mayBeDone = (error: unknown): error is StatusFault =>
  error instanceof StatusFault && !(error instanceof UnsentFault) && (error.code === 0 || error.code >= 500)
