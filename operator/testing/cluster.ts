import type { Key, KubernetesObject } from '../api/kubernetes.ts'
import type { Cluster, ClusterFault, Kind, Kinds, TopicVersion } from '../reconcile/cluster.ts'
import { type Application, FakeServer, type OnChange } from './server.ts'
import { SilentView, type View } from './view.ts'

export interface FakeOptions {
  fieldManager?: string
  topicVersion?: TopicVersion | undefined
  onChange?: OnChange
  /** The wall clock, for creation and deletion. */
  now?: () => Date
}

/** A cluster in memory, held to the same contract as the real one; its cache is behind only when told to be. */
export interface FakeCluster extends Cluster {
  /** Each write asked for, in order, refused ones too: `apply KafkaTopic shop/clickstream-events`. */
  readonly writes: string[]
  /** What a user applies, or another manager: fields that were there and are not in `object` any more go. */
  put<K extends Kind>(object: KubernetesObject & { kind: K; spec?: unknown }, manager?: string): Kinds[K]
  /** What another controller reports. */
  report<K extends Kind>(kind: K, key: Key, status: object): Kinds[K]
  /** What a user deletes; an object with finalizers stays and is marked. */
  remove(kind: Kind, key: Key): void
  /** What the API server has, whatever the cache shows. */
  readonly live: Pick<Cluster, 'get' | 'list'>
  /** From now on the watches of these kinds are silent: the caches show nothing new but the answers to our own writes. */
  lag(...kinds: Kind[]): void
  /** The watches have shown everything again. */
  catchUp(): void
  /** The next write whose line contains `line` fails. */
  fail(line: string, fault: ClusterFault): void
  /** In this namespace nothing can be created any more. */
  terminate(namespace: string): void
  /** Installs the CRD of KafkaTopic at this version, or removes it. */
  serve(version: TopicVersion | undefined): void
  /** The same cluster, seen by another field manager. */
  as(fieldManager: string): Cluster
}

export const fakeCluster = ({
  fieldManager = 'clickstream-operator',
  onChange = () => {},
  now = () => new Date('2026-01-31T12:00:00Z'),
  ...options
}: FakeOptions = {}): FakeCluster => {
  const server = new FakeServer(onChange, () => now().toISOString().replace(/\.\d+/, ''))
  const writes: string[] = []
  const faults: { line: string; fault: ClusterFault }[] = []
  let topicVersion: TopicVersion | undefined = 'topicVersion' in options ? options.topicVersion : 'v1'
  const note = (verb: string, kind: Kind, { namespace, name }: Key) => {
    const line = `${verb} ${kind} ${namespace}/${name}`
    writes.push(line)
    const index = faults.findIndex((planned) => line.includes(planned.line))
    const [planned] = index < 0 ? [] : faults.splice(index, 1)
    if (planned) throw planned.fault
  }
  let silent: SilentView | undefined
  const told = (answer: Application): KubernetesObject => {
    silent?.wrote(answer)
    return answer
  }
  const cluster = (manager: string): Cluster => ({
    ...reads(() => silent ?? server),
    topicVersion: () => topicVersion,
    async apply<K extends Kind>(object: KubernetesObject & { kind: K }) {
      note('apply', object.kind, object.metadata)
      return told(server.apply(object, manager)) as Kinds[K]
    },
    async applyStatus<K extends Kind>(object: KubernetesObject & { kind: K; status: unknown }) {
      note('status', object.kind, object.metadata)
      return told(server.applyStatus(object, manager)) as Kinds[K]
    },
    async removeFinalizer(kind, key, finalizer) {
      note('removeFinalizer', kind, key)
      server.removeFinalizer(kind, key, finalizer)
    },
    async delete(kind, key, seen) {
      note('delete', kind, key)
      server.delete(kind, key, seen)
    },
  })
  return {
    ...cluster(fieldManager),
    writes,
    put<K extends Kind>(object: KubernetesObject & { kind: K }, manager = 'user') {
      const { uid } = server.get(object.kind, object.metadata)?.metadata ?? {}
      const metadata = { ...object.metadata, ...(uid !== undefined && { uid }) }
      return server.apply({ ...object, metadata }, manager) as KubernetesObject as Kinds[K]
    },
    report: <K extends Kind>(kind: K, key: Key, status: object) =>
      server.applyStatus(application(kind, key, status), 'reporter') as KubernetesObject as Kinds[K],
    remove: (kind, key) => server.delete(kind, key),
    live: reads(() => server),
    lag: (...kinds) => void (silent = new SilentView(server, kinds)),
    catchUp: () => void (silent = undefined),
    fail: (line, fault) => void faults.push({ line, fault }),
    terminate: (namespace) => void server.terminating.add(namespace),
    serve: (version) => void (topicVersion = version),
    as: cluster,
  }
}

const application = (kind: Kind, { namespace, name }: Key, status: object): Application => ({
  apiVersion: '',
  kind,
  metadata: { namespace, name },
  status,
})

const reads = (view: () => View): Pick<Cluster, 'get' | 'list'> => ({
  get: <K extends Kind>(kind: K, key: Key) =>
    view().get(kind, key) as KubernetesObject | undefined as Kinds[K] | undefined,
  list: <K extends Kind>(kind: K, namespace?: string) =>
    view().list(kind, namespace) as KubernetesObject[] as Kinds[K][],
})
