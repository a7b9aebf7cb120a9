import type { KubernetesObject } from '../api/kubernetes.ts'
import type { Cluster, Kind, Kinds } from '../reconcile/cluster.ts'
import { type Caches, cacheOf } from './cache.ts'
import { StatusFault, UnsentFault } from './fault.ts'
import { kinds } from './kinds.ts'
import { type Target, versionOfNone, type Writer } from './write.ts'

/**
 * After a write that was done without an answer, the cache lacks what we made ourselves: who decides by it would take an
 * object for new. So the next write of it is of the version that the cache had then, and where it has another one by now
 * the object is read and the pass begins anew.
 */
const behind = (id: string): StatusFault =>
  new StatusFault(`${id} was written without an answer and is read anew`, { code: 409, reason: 'Conflict' })

/** Whether a write that failed so may be done all the same. */
const mayBeDone = (error: unknown): boolean =>
  error instanceof StatusFault && !(error instanceof UnsentFault) && (error.code === 0 || error.code >= 500)

type Writes = Pick<Cluster, 'apply' | 'applyStatus' | 'removeFinalizer' | 'delete'>

/** The writes of a cluster, whose answers go into its caches. */
export function writes(caches: Caches, writer: Writer): Writes {
  const target = (kind: Kind, key: Parameters<Cluster['get']>[1]) => {
    const version = cacheOf(caches, kind).version ?? kinds[kind].versions[0]
    return { kind, version, key }
  }
  const keep = <K extends Kind>(kind: K, object: KubernetesObject): Kinds[K] => {
    cacheOf(caches, kind).wrote(object)
    return object as Kinds[K]
  }
  /** By object, the version that the cache had when a write of it may have been done without an answer. */
  const unanswered = new Map<string, string | undefined>()
  const readAnew = async (id: string, of: Target) => {
    const found = await writer.find(of)
    unanswered.delete(id)
    if (found) keep(of.kind, found)
    throw behind(id)
  }
  const apply = async <K extends Kind>(object: KubernetesObject & { kind: K }, subresource?: 'status') => {
    const { kind, metadata } = object
    const id = `${kind} ${metadata.namespace}/${metadata.name}`
    const isDoubtful = unanswered.has(id)
    const before = isDoubtful
      ? unanswered.get(id)
      : cacheOf(caches, kind).store.get(metadata)?.metadata.resourceVersion
    const resourceVersion = before ?? versionOfNone
    const sent = isDoubtful ? { ...object, metadata: { ...metadata, resourceVersion } } : object
    try {
      const answer = await writer.apply(sent, subresource)
      unanswered.delete(id)
      return keep<K>(kind, answer)
    } catch (error) {
      if (isDoubtful && error instanceof StatusFault && error.reason === 'Conflict')
        return await readAnew(id, target(kind, metadata))
      if (mayBeDone(error)) unanswered.set(id, before)
      throw error
    }
  }
  return {
    apply: (object) => apply(object),
    applyStatus: (object) => apply(object, 'status'),
    delete: (kind, key, seen) => writer.delete(target(kind, key), seen),
    async removeFinalizer(kind, key, finalizer) {
      const object = await writer.removeFinalizer(target(kind, key), finalizer)
      if (object) keep(kind, object)
    },
  }
}
