import { isDeepStrictEqual } from 'node:util'
import type { Key, KubernetesObject } from '../api/kubernetes.ts'
import { ClusterFault, type Kind, type Seen } from '../reconcile/cluster.ts'
import { applyFields, copyOf, type Fields, stillOwned } from './fields.ts'

type ChangeType = 'added' | 'changed' | 'deleted'
export type OnChange = (kind: Kind, object: KubernetesObject, type: ChangeType) => void

/** What is applied: with a status, or with all but a status. */
export type Application = KubernetesObject & { kind: Kind; spec?: unknown; status?: unknown }

interface Entry {
  object: Application
  /** What each manager owns, by `manager` and `manager/status`. */
  owned: Map<string, Fields>
}

/** An API server in memory: objects, versions, generations, server-side apply, finalizers, and the garbage collector. */
export class FakeServer {
  readonly #entries = new Map<string, Entry>()
  readonly #onChange: OnChange
  readonly #now: () => string
  readonly terminating = new Set<string>()
  #counter = 0

  constructor(onChange: OnChange, now: () => string) {
    this.#onChange = onChange
    this.#now = now
  }

  get(kind: Kind, key: Key): Application | undefined {
    return copyOf(this.#entries.get(idOf(kind, key))?.object)
  }

  list(kind: Kind, namespace?: string): Application[] {
    return [...this.#entries.values()]
      .map(({ object }) => object)
      .filter(
        (object) =>
          object.kind === kind && (namespace ?? object.metadata.namespace) === object.metadata.namespace,
      )
      .map((object) => copyOf(object))
  }

  apply(object: Application, manager: string): Application {
    const { status: _, ...rest } = object
    const entry = this.#entries.get(idOf(object.kind, object.metadata))
    if (entry && object.metadata.uid === undefined) {
      throw refuse('Conflict', `${object.kind} ${object.metadata.name} exists already`)
    }
    precondition(entry, object)
    const target = entry ?? this.#create(object)
    return this.#write(target, { manager, fields: owned(rest) })
  }

  applyStatus(object: Application, manager: string): Application {
    const entry = this.#entries.get(idOf(object.kind, object.metadata))
    precondition(entry, object)
    if (!entry) throw refuse('NotFound', `${object.kind} ${object.metadata.name} not found`)
    return this.#write(entry, { manager: `${manager}/status`, fields: { status: object.status } })
  }

  removeFinalizer(kind: Kind, key: Key, { uid, name }: { uid: string; name: string }): void {
    const entry = this.#entries.get(idOf(kind, key))
    const { finalizers = [] } = entry?.object.metadata ?? {}
    if (!entry || entry.object.metadata.uid !== uid || !finalizers.includes(name)) return
    const metadata = { ...entry.object.metadata, finalizers: finalizers.filter((other) => other !== name) }
    this.#store(entry, { ...entry.object, metadata })
  }

  delete(kind: Kind, key: Key, seen?: Seen): void {
    const entry = this.#entries.get(idOf(kind, key))
    if (!entry) return
    const { metadata } = entry.object
    if (seen) precondition(entry, { ...entry.object, metadata: { ...metadata, ...seen } })
    const deletionTimestamp = metadata.deletionTimestamp ?? this.#now()
    this.#store(entry, { ...entry.object, metadata: { ...metadata, deletionTimestamp } })
  }

  #create({ apiVersion, kind, metadata: { namespace, name } }: Application): Entry {
    if (this.terminating.has(namespace)) {
      throw refuse('NamespaceTerminating', `namespace ${namespace} is being terminated`)
    }
    const uid = `uid-${++this.#counter}`
    const creationTimestamp = this.#now()
    const metadata = { namespace, name, uid, creationTimestamp, generation: 0 }
    return { object: { apiVersion, kind, metadata }, owned: new Map() }
  }

  #write(entry: Entry, { manager, fields }: { manager: string; fields: Fields }): Application {
    const others = [...entry.owned].filter(([name]) => name !== manager)
    const live = applyFields(entry.object as unknown as Fields, {
      before: entry.owned.get(manager) ?? {},
      now: fields,
      others: others.map(([, owned]) => owned),
    })
    entry.owned = new Map(others.map(([name, owned]) => [name, stillOwned(owned, live)]))
    entry.owned.set(manager, fields)
    return this.#store(entry, live as unknown as Application)
  }

  /** Keeps the object when it differs, under a new version; ends it when it is deleted and no finalizer holds it. */
  #store(entry: Entry, object: Application): Application {
    const id = idOf(object.kind, object.metadata)
    if (isDeepStrictEqual(object, entry.object)) return copyOf(object)
    const before = entry.object
    const { generation = 0, deletionTimestamp, finalizers = [] } = object.metadata
    const isNewSpec = !isDeepStrictEqual(before.spec, object.spec) || generation === 0
    const metadata = {
      ...object.metadata,
      generation: generation + Number(isNewSpec),
      resourceVersion: String(++this.#counter),
    }
    entry.object = { ...object, metadata }
    if (deletionTimestamp !== undefined && finalizers.length === 0) this.#end(id, entry.object)
    else {
      const type = this.#entries.has(id) ? 'changed' : 'added'
      this.#entries.set(id, entry)
      this.#onChange(object.kind, copyOf(entry.object), type)
    }
    return copyOf(entry.object)
  }

  #end(id: string, object: Application): void {
    this.#entries.delete(id)
    this.#onChange(object.kind, copyOf(object), 'deleted')
    for (const { object: other } of this.#entries.values()) {
      const isOwned = other.metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid)
      if (isOwned) this.delete(other.kind, other.metadata)
    }
  }
}

const idOf = (kind: Kind, { namespace, name }: Key): string => `${kind} ${namespace}/${name}`

/** The part of an application that its manager owns: not the identity of the object, nor what the server sets. */
function owned({ metadata, ...rest }: Omit<Application, 'status'>): Fields {
  const { labels, annotations, finalizers, ownerReferences } = metadata
  const { kind: _, apiVersion, ...fields } = rest
  return { ...fields, apiVersion, metadata: { labels, annotations, finalizers, ownerReferences } }
}

function precondition(entry: Entry | undefined, { kind, metadata }: Application): void {
  const { uid, resourceVersion } = metadata
  const live = entry?.object.metadata
  if (uid !== undefined && live?.uid !== uid) {
    throw refuse('Conflict', `uid mismatch: ${kind} ${metadata.name} has uid ${live?.uid}, not ${uid}`)
  }
  if (resourceVersion !== undefined && live && live.resourceVersion !== resourceVersion) {
    throw refuse('Conflict', `${kind} ${metadata.name} has been modified`)
  }
}

function refuse(reason: 'Conflict' | 'NotFound' | 'NamespaceTerminating', message: string): ClusterFault {
  return new ClusterFault(message, { reason, retry: reason === 'Conflict' })
}
