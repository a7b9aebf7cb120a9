import type { Key, KubernetesObject } from '../api/kubernetes.ts'
import type { Kind, Seen } from '../reconcile/cluster.ts'
import type { Client, Request } from './client.ts'
import { parsePage, slim } from './events.ts'
import { StatusFault } from './fault.ts'
import { apiVersionOf, collectionPath, objectPath } from './kinds.ts'
import { portsAnew } from './ports.ts'

/** How often a removal is tried when somebody else writes the object at the same moment. */
const tries = 5

/**
 * The version of no object: the first write to etcd makes version 2. Server-side apply makes an object whatever version
 * it names, and refuses another version than that of one that exists; so this one only makes.
 */
export const versionOfNone = '1'

/** An object that we name by its kind and its version. */
export interface Target {
  kind: Kind
  version: string
  key: Key
}

/** The writes of one field manager. All throw a StatusFault. */
export class Writer {
  readonly #client: Client
  readonly #fieldManager: string

  constructor(client: Client, fieldManager: string) {
    this.#client = client
    this.#fieldManager = fieldManager
  }

  /** Server-side apply, forced; without a uid it only makes an object. Gives it as the API server has it now. */
  async apply(object: KubernetesObject & { kind: Kind }, subresource?: 'status'): Promise<KubernetesObject> {
    const version = object.apiVersion.split('/').at(-1) ?? ''
    const path = objectPath(object.kind, version, object.metadata)
    const isNew = object.metadata.uid === undefined && subresource === undefined
    const metadata = isNew ? { ...object.metadata, resourceVersion: versionOfNone } : object.metadata
    const applying = {
      path: subresource === undefined ? path : `${path}/${subresource}`,
      contentType: 'application/apply-patch+yaml', // JSON is YAML
      query: { force: 'true' },
      body: { ...object, metadata },
    }
    try {
      return await this.#patch(object, applying)
    } catch (error) {
      if (isNew) throw unseen(object, error)
      const body = subresource === undefined && isOfPorts(error) ? portsAnew(object) : undefined
      if (body === undefined) throw error
      await this.#patch(object, { path, contentType: 'application/strategic-merge-patch+json', body })
      return this.#patch(object, applying)
    }
  }

  /** Deletes the object that was seen, its dependents in the background. */
  async delete({ kind, version, key }: Target, preconditions: Seen): Promise<void> {
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions,
      propagationPolicy: 'Background',
    }
    await absentIsFine(() =>
      this.#client.request({ method: 'DELETE', path: objectPath(kind, version, key), body }),
    )
  }

  /**
   * Takes a finalizer off an object with this uid, whoever put it on. A merge patch that carries the version just read,
   * so that a finalizer put on meanwhile is never lost. Gives the object, undefined when there is nothing to do.
   */
  async removeFinalizer(
    target: Target,
    { uid, name }: { uid: string; name: string },
  ): Promise<KubernetesObject | undefined> {
    return absentIsFine(async () => {
      for (let left = tries; ; left--) {
        const object = await this.#read(target)
        const { finalizers = [], resourceVersion } = object.metadata
        if (object.metadata.uid !== uid || !finalizers.includes(name)) return undefined
        const rest = finalizers.filter((finalizer) => finalizer !== name)
        try {
          return await this.#patch(object, {
            path: objectPath(target.kind, target.version, target.key),
            contentType: 'application/merge-patch+json',
            body: { metadata: { resourceVersion, finalizers: rest } },
          })
        } catch (error) {
          if (left <= 1 || !(error instanceof StatusFault) || error.reason !== 'Conflict') throw error
        }
      }
    })
  }

  /** The object as the API server has it now; undefined when it is not there. By a list: that right we have on all kinds. */
  async find({ kind, version, key }: Target): Promise<KubernetesObject | undefined> {
    const path = collectionPath(kind, { version, namespace: key.namespace })
    const query = { fieldSelector: `metadata.name=${key.name}` }
    const answer = await this.#client.request({ method: 'GET', path, query })
    return parsePage(answer, { apiVersion: apiVersionOf(kind, version), kind }).objects[0]
  }

  async #read({ kind, version, key }: Target): Promise<KubernetesObject> {
    const path = objectPath(kind, version, key)
    return slim(await this.#client.request({ method: 'GET', path }), { apiVersion: version, kind })
  }

  async #patch(object: KubernetesObject, request: Omit<Request, 'method'>): Promise<KubernetesObject> {
    const query = { ...request.query, fieldManager: this.#fieldManager }
    return slim(await this.#client.request({ ...request, method: 'PATCH', query }), object)
  }
}

/** What is there and was to be made: the API server's words are those for a change that came too late. */
const unseen = ({ kind, metadata: { namespace, name } }: KubernetesObject, error: unknown): unknown =>
  error instanceof StatusFault && error.reason === 'Conflict'
    ? new StatusFault(
        `${kind} ${namespace}/${name} was not seen yet and is there already: it is looked at first`,
        {
          code: error.code,
          reason: 'Conflict',
          cause: error,
        },
      )
    : error

/** Whether an object was refused for an item of a list of ports. */
const isOfPorts = (error: unknown): boolean =>
  error instanceof StatusFault && error.reason === 'Invalid' && error.message.includes('ports[')

/** Undefined instead of a fault that says NotFound. */
async function absentIsFine<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof StatusFault && error.reason === 'NotFound') return undefined
    throw error
  }
}
