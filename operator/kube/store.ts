import type { Key, KubernetesObject } from '../api/kubernetes.ts'

export type ChangeType = 'added' | 'changed' | 'deleted'

export interface Change {
  type: ChangeType
  object: KubernetesObject
}

/**
 * The objects of one kind as last seen, filled by lists, watches and the answers to our own writes.
 *
 * The last makes that we read what we wrote. It needs to know which of two versions of an object is the newer one.
 * Comparing
 * resourceVersions as numbers was long taboo for clients; since KEP-5504 (stable in 1.35, and true of every
 * kube-apiserver before) it is part of the API: those of one resource are whole numbers that only grow.
 */
export class Store {
  readonly #keeps: (object: KubernetesObject) => boolean
  #objects = new Map<string, KubernetesObject>()
  /** Objects of which we have the answer to a write that list or watch have not reached yet. */
  readonly #written = new Set<string>()
  /** What list and watch have reached. */
  #version = '0'

  /** What `keeps` says no to is as if it were not there. */
  constructor(keeps: (object: KubernetesObject) => boolean = () => true) {
    this.#keeps = keeps
  }

  get({ namespace, name }: Key): KubernetesObject | undefined {
    return this.#objects.get(`${namespace}/${name}`)
  }

  list(namespace?: string): KubernetesObject[] {
    const all = [...this.#objects.values()]
    return namespace === undefined ? all : all.filter(({ metadata }) => metadata.namespace === namespace)
  }

  /**
   * Takes a list made at `version`; gives what that changes, deletions too. What we wrote after the list was made
   * stays. Whatever else there is gives way, even to a lower version: etcd may have been restored from a backup.
   */
  replace(objects: readonly KubernetesObject[], version: string): Change[] {
    const before = this.#objects
    const after = new Map(objects.filter(this.#keeps).map((object) => [idOf(object), object]))
    for (const id of this.#written) {
      const ours = before.get(id)
      if (ours && isNewer(versionOf(ours), maximum(version, versionOf(after.get(id))))) after.set(id, ours)
      else this.#written.delete(id)
    }
    this.#objects = after
    this.#version = version
    return difference(before, after)
  }

  /** Takes an event of the watch; gives the change, undefined when we know better already. */
  see(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubernetesObject): Change | undefined {
    const id = idOf(object)
    const known = this.#objects.get(id)
    this.reach(versionOf(object))
    if (!this.#keeps(object)) return undefined
    if (known && isNewer(versionOf(known), versionOf(object))) return undefined
    this.#written.delete(id)
    if (type === 'DELETED') return this.#objects.delete(id) ? { type: 'deleted', object } : undefined
    if (known && versionOf(known) === versionOf(object)) return undefined // what we wrote, told by then
    this.#objects.set(id, object)
    return { type: known ? 'changed' : 'added', object }
  }

  /** The watch has shown everything up to this version. */
  reach(version: string): void {
    this.#version = maximum(this.#version, version)
  }

  /**
   * Takes the answer to a write of ours and gives what that changes; the watch, which shows the same later, does not tell
   * it again. Nothing when the watch is past it already: then it has shown this version or a newer one, or the object's
   * end, which must not be undone.
   */
  write(object: KubernetesObject): Change[] {
    const id = idOf(object)
    const known = this.#objects.get(id)
    if (!isNewer(versionOf(object), maximum(this.#version, versionOf(known)))) return []
    this.#objects.set(id, object)
    this.#written.add(id)
    return difference(new Map(known && [[id, known]]), new Map([[id, object]]))
  }
}

const idOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace}/${metadata.name}`

const versionOf = (object: KubernetesObject | undefined): string => object?.metadata.resourceVersion ?? '0'

/** Whether one resourceVersion is a greater number than the other; they may exceed 2⁵³. */
export const isNewer = (one: string, other: string): boolean =>
  one.length === other.length ? one > other : one.length > other.length

const maximum = (one: string, other: string): string => (isNewer(other, one) ? other : one)

type Objects = ReadonlyMap<string, KubernetesObject>

function difference(before: Objects, after: Objects): Change[] {
  const changes: Change[] = []
  for (const [id, object] of before) {
    const now = after.get(id)
    // A namesake: the old object went and another came while nobody looked.
    if (now?.metadata.uid !== object.metadata.uid) changes.push({ type: 'deleted', object })
  }
  for (const [id, object] of after) {
    const was = before.get(id)
    if (was?.metadata.uid !== object.metadata.uid) changes.push({ type: 'added', object })
    else if (versionOf(was) !== versionOf(object)) changes.push({ type: 'changed', object })
  }
  return changes
}
