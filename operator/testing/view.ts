import type { Key } from '../api/kubernetes.ts'
import type { Kind } from '../reconcile/cluster.ts'
import { copyOf } from './fields.ts'
import type { Application, FakeServer } from './server.ts'

/** What caches show. */
export type View = Pick<FakeServer, 'get' | 'list'>

/**
 * Caches of which some have a silent watch: these show what was there when it fell silent, and the answers to our own
 * writes. The others show what the server has.
 */
export class SilentView implements View {
  readonly #server: View
  readonly #objects = new Map<Kind, Map<string, Application>>()

  constructor(server: View, silent: readonly Kind[]) {
    this.#server = server
    for (const kind of silent) {
      this.#objects.set(kind, new Map(server.list(kind).map((object) => [idOf(object.metadata), object])))
    }
  }

  get(kind: Kind, key: Key): Application | undefined {
    const objects = this.#objects.get(kind)
    return objects ? copyOf(objects.get(idOf(key))) : this.#server.get(kind, key)
  }

  list(kind: Kind, namespace?: string): Application[] {
    const objects = this.#objects.get(kind)
    if (!objects) return this.#server.list(kind, namespace)
    return [...objects.values()]
      .filter(({ metadata }) => (namespace ?? metadata.namespace) === metadata.namespace)
      .map((object) => copyOf(object))
  }

  wrote(object: Application): void {
    this.#objects.get(object.kind)?.set(idOf(object.metadata), object)
  }
}

const idOf = ({ namespace, name }: Key): string => `${namespace}/${name}`
