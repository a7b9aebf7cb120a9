import type { KafkaTopic, Key } from '../../api/kubernetes.ts'
import { type Cluster, ClusterFault, type Kind, type Kinds } from '../../reconcile/cluster.ts'

export interface TopicCluster extends Cluster {
  /** Every write of the controller, in order. */
  readonly writes: string[]
  /** What a user does: makes an object, or replaces spec, labels and annotations; another spec is a new generation. */
  put(topic: KafkaTopic): void
  /** What `kubectl delete` does: an object with finalizers stays and is marked. */
  remove(key: Key): void
  topic(name: string): KafkaTopic | undefined
  /** Calls `changed` after each change of a KafkaTopic, as a watch does. */
  watch(changed: (topic: KafkaTopic) => void): void
}

type Objects = { [K in Kind]: Map<string, Kinds[K]> }

/** An API server in memory, as the KafkaTopic controller sees it. Its cache is never behind. */
export function topicCluster(...topics: readonly KafkaTopic[]): TopicCluster {
  const objects: Objects = {
    ClickstreamPipeline: new Map(),
    KafkaTopic: new Map(topics.map((topic) => [text(topic.metadata), topic])),
    Deployment: new Map(),
    Service: new Map(),
  }
  const writes: string[] = []
  let changed: (topic: KafkaTopic) => void = () => {}
  const tell = <T>(object: Kinds[Kind] | undefined, answer: T): T => {
    if (object?.kind === 'KafkaTopic') changed(structuredClone(object))
    return answer
  }
  return {
    writes,
    watch: (listener) => (changed = listener),
    put: (topic) => tell(topic, put(objects.KafkaTopic, topic)),
    remove: (key) => tell(objects.KafkaTopic.get(text(key)), mark(objects.KafkaTopic, text(key))),
    topic: (name) => structuredClone(objects.KafkaTopic.get(`kafka/${name}`)),
    get: (kind, key) => structuredClone(objects[kind].get(text(key))),
    list: (kind) => structuredClone([...objects[kind].values()]),
    topicVersion: () => 'v1',
    async apply({ kind, metadata }) {
      writes.push(`apply ${metadata.name}`)
      const object = existing(objects[kind], metadata)
      const finalizers = new Set([...(object.metadata.finalizers ?? []), ...(metadata.finalizers ?? [])])
      object.metadata.finalizers = [...finalizers]
      return tell(object, structuredClone(object))
    },
    async applyStatus({ kind, metadata, status }) {
      writes.push(`status ${metadata.name}`)
      const object = Object.assign(existing(objects[kind], metadata), { status })
      return tell(object, structuredClone(object))
    },
    async removeFinalizer(kind, key, { uid, name }) {
      writes.push(`removeFinalizer ${key.name}`)
      const object = objects[kind].get(text(key))
      if (!object || object.metadata.uid !== uid) return
      object.metadata.finalizers = object.metadata.finalizers?.filter((other) => other !== name) ?? []
      tell(object, collect(objects[kind], text(key)))
    },
    async delete(kind, key) {
      tell(objects[kind].get(text(key)), mark(objects[kind], text(key)))
    },
  }
}

function put(topics: Map<string, KafkaTopic>, topic: KafkaTopic): void {
  const { metadata, spec } = structuredClone(topic)
  const before = topics.get(text(metadata))
  if (!before) {
    topics.set(text(metadata), structuredClone(topic))
    return
  }
  const changed = JSON.stringify(before.spec) !== JSON.stringify(spec)
  const { labels = {}, annotations = {} } = metadata
  Object.assign(before.metadata, { labels, annotations })
  before.metadata.generation = (before.metadata.generation ?? 0) + Number(changed)
  before.spec = spec
}

function mark<K extends Kind>(objects: Map<string, Kinds[K]>, key: string): void {
  const object = objects.get(key)
  if (object) object.metadata.deletionTimestamp = '2026-01-31T18:00:00Z'
  collect(objects, key)
}

/** Ends an object that is deleted and that no finalizer keeps. */
function collect<K extends Kind>(objects: Map<string, Kinds[K]>, key: string): void {
  const { deletionTimestamp, finalizers = [] } = objects.get(key)?.metadata ?? {}
  if (deletionTimestamp !== undefined && finalizers.length === 0) objects.delete(key)
}

function existing<K extends Kind>(
  objects: Map<string, Kinds[K]>,
  { namespace, name, uid }: Key & { uid?: string },
): Kinds[K] {
  const object = objects.get(text({ namespace, name }))
  if (object && object.metadata.uid === uid) return object
  throw new ClusterFault(`${name} is gone`, { reason: 'Conflict', retry: false })
}

const text = ({ namespace, name }: Key): string => `${namespace}/${name}`
