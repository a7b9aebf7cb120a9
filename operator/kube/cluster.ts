import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { KubeConfig } from '@kubernetes/client-node'
import type { Logger } from 'pino'
import type { KubernetesObject } from '../api/kubernetes.ts'
import { type Clock, systemClock } from '../reconcile/clock.ts'
import type { Cluster, Kind, Kinds, TopicVersion } from '../reconcile/cluster.ts'
import type { Dropped, Recorder } from '../reconcile/recorder.ts'
import { type Caches, cacheOf, KindCache } from './cache.ts'
import { type Client, type ClientOptions, guarded, openClient } from './client.ts'
import type { Patience } from './connection.ts'
import { type DiscoveryOptions, watchTopicVersion } from './discovery.ts'
import type { Terms } from './election.ts'
import { kinds } from './kinds.ts'
import { Leader } from './leader.ts'
import { LeaseStore } from './lease.ts'
import { EventRecorder } from './recorder.ts'
import type { ChangeType } from './store.ts'
import { Writer } from './write.ts'
import { writes } from './writes.ts'

export interface ClusterOptions {
  /** Default: KUBECONFIG, ~/.kube/config, or the pod's service account. */
  config?: KubeConfig
  /** The only namespace to watch; undefined: all. */
  namespace?: string | undefined
  fieldManager: 'clickstream-operator' | 'clickstream-topics'
  /** The kinds to watch; others can neither be read nor written. */
  kinds: readonly Kind[]
  /** Whether an object is ever read; the others take no memory. Default: all are. */
  keeps?: (object: KubernetesObject) => boolean
  /** The namespace of the Lease that says which of several instances writes; undefined: this is the only one. */
  leaseNamespace?: string | undefined
  /** Default: client-go's. */
  terms?: Terms
  /** Told of each change, ours and those that the watches show, also of each object when they begin. */
  onChange: (kind: Kind, object: KubernetesObject, type: ChangeType) => void
  /** Told when `topicVersion` begins to answer otherwise: all pipelines are due then. */
  onTopicVersion?: (version: TopicVersion | undefined) => void
  logger: Logger
  /** Closes it. */
  signal?: AbortSignal
  clock?: Clock
  patience?: Partial<Patience>
  requested?: ClientOptions['requested']
  /** Told of each event that is not written. */
  dropped?: (why: Dropped) => void
  discoveryEvery?: NonNullable<DiscoveryOptions['every']>
}

/** The cluster, with what probes and main need to know of it. */
export interface ConnectedCluster extends Cluster {
  recorder: Recorder
  /** Whether every cache has its first list. Before, a controller must not run: absent would mean unknown. */
  synced(): boolean
  /** Resolves when `synced` is true for the first time. */
  whenSynced: Promise<void>
  /** Whether all loops are alive. An API server that cannot be reached makes nothing unhealthy: a restart would not help. */
  healthy(): boolean
  /** What keeps the caches from being current, a sentence each with what to do. */
  problems(): string[]
  /**
   * Does the work whenever this instance leads, until `signal` aborts; see leader.ts. Each term has a signal of its own.
   * Outside of a term every write is refused.
   */
  lead(work: (term: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void>
  /** Whether the namespace of the Lease is being deleted; false where that is not known. */
  isEnding(): Promise<boolean>
  /** Ends all watches and closes the connection; nothing is left when it resolves. */
  close(): Promise<void>
}

/**
 * Connects to the cluster and starts to watch. Resolves at once, before the caches are filled, so that the probes can
 * tell what is missing; wait for `whenSynced` before the first pass. Throws an Error on a kubeconfig it cannot use.
 */
export async function connectCluster(options: ClusterOptions): Promise<ConnectedCluster> {
  const { clock = systemClock, keeps, logger, namespace, onChange, patience, requested } = options
  const client = openClient({
    config: options.config ?? defaultConfig(),
    ...(patience && { patience }),
    ...(requested && { requested }),
  })
  const caches = new Map(
    options.kinds.map((kind) => [
      kind,
      new KindCache({ kind, client, namespace, keeps, onChange, clock, logger }),
    ]),
  )
  const end = new AbortController()
  const discovery = new Discovery(caches.get('KafkaTopic'), { ...options, client, clock, signal: end.signal })
  for (const [kind, cache] of caches) if (kind !== 'KafkaTopic') await cache.serve(kinds[kind].versions[0])
  const all = [...caches.values()]
  const close = async () => {
    end.abort()
    await discovery.over
    await Promise.all(all.map((cache) => cache.stop()))
    client.close()
  }
  options.signal?.addEventListener('abort', () => void close())
  const store = leaseOf(client, options)
  const leader = store && leaderOf(store, { ...options, clock })
  const writing = leader ? guarded(client, leader.guard) : client
  return {
    ...reads(caches),
    ...writes(caches, new Writer(writing, options.fieldManager)),
    recorder: recorderOf(writing, { ...options, clock }),
    synced: () => all.every(({ synced }) => synced),
    whenSynced: Promise.all(all.map(({ whenSynced }) => whenSynced)).then(() => {}),
    healthy: () => all.every((cache) => cache.healthy(clock.now())),
    problems: () =>
      [discovery.problem, leader?.problem, ...all.map(({ problem }) => problem)].filter(
        (text) => text !== undefined,
      ),
    lead: (work, signal) => (leader ? leader.run(work, signal) : work(signal)),
    isEnding: () => store?.isEnding() ?? Promise.resolve(false),
    close,
  }
}

type Clocked<K extends keyof ClusterOptions> = Pick<ClusterOptions, K> & { clock: Clock }

const recorderOf = (client: Client, options: Clocked<'fieldManager' | 'logger' | 'dropped'>): Recorder =>
  new EventRecorder({
    ...options,
    client,
    controller: options.fieldManager,
    instance: hostname(),
    wallClock: Date.now,
  })

const leaseOf = (
  client: Client,
  { leaseNamespace: namespace, fieldManager: name }: Pick<ClusterOptions, 'leaseNamespace' | 'fieldManager'>,
): LeaseStore | undefined =>
  namespace === undefined ? undefined : new LeaseStore(client, { namespace, name })

function leaderOf(
  store: LeaseStore,
  options: Clocked<'leaseNamespace' | 'fieldManager' | 'terms' | 'logger'>,
): Leader {
  const { leaseNamespace: namespace, fieldManager: name, terms, logger, clock } = options
  return new Leader({
    store,
    lease: `${namespace}/${name}`,
    identity: `${hostname()}_${randomUUID()}`,
    ...(terms && { terms }),
    clock,
    wallClock: Date.now,
    random: Math.random,
    logger,
  })
}

/** Keeps the cache of KafkaTopic at the version that is served. */
class Discovery {
  problem: string | undefined
  readonly over: Promise<void>

  constructor(
    cache: KindCache | undefined,
    options: Pick<ClusterOptions, 'onTopicVersion' | 'discoveryEvery' | 'logger'> &
      Pick<DiscoveryOptions, 'client' | 'clock' | 'signal'>,
  ) {
    const { onTopicVersion, discoveryEvery, ...rest } = options
    if (!cache) {
      this.over = Promise.resolve()
      return
    }
    this.over = watchTopicVersion({
      ...rest,
      ...(discoveryEvery ? { every: discoveryEvery } : {}),
      found: (version) => cache.serve(version, () => onTopicVersion?.(version)),
      problem: (text) => (this.problem = text),
    })
  }
}

function defaultConfig(): KubeConfig {
  const config = new KubeConfig()
  config.loadFromDefault()
  return config
}

function reads(caches: Caches): Pick<Cluster, 'get' | 'list' | 'topicVersion'> {
  return {
    get: <K extends Kind>(kind: K, key: Parameters<Cluster['get']>[1]) =>
      cacheOf(caches, kind).store.get(key) as Kinds[K] | undefined,
    list: <K extends Kind>(kind: K, namespace?: string) =>
      cacheOf(caches, kind).store.list(namespace) as Kinds[K][],
    topicVersion: () => caches.get('KafkaTopic')?.version as TopicVersion | undefined,
  }
}
