import type {
  Deployment,
  KafkaTopic,
  Key,
  KubernetesObject,
  PipelineObject,
  Service,
} from '../api/kubernetes.ts'

/** The kinds that controllers read and write, by name. */
export interface Kinds {
  ClickstreamPipeline: PipelineObject
  KafkaTopic: KafkaTopic
  Deployment: Deployment
  Service: Service
}
export type Kind = keyof Kinds

/** The API versions of KafkaTopic that exist, newest first. */
export type TopicVersion = 'v1' | 'v1beta2'

/**
 * The cluster as a controller sees it: reads come from caches that watches fill, writes go to the API server.
 * `operator/kube` is the real one, `operator/testing` the one in memory; the same contract test holds both.
 */
export interface Cluster {
  /** The cached object, undefined when absent. */
  get<K extends Kind>(kind: K, key: Key): Kinds[K] | undefined
  /** The cached objects of a kind, of one namespace or of all that are watched. */
  list<K extends Kind>(kind: K, namespace?: string): Kinds[K][]
  /** The served version of KafkaTopic, undefined where its CRD is not installed. */
  topicVersion(): TopicVersion | undefined
  /**
   * Server-side apply, forced, under our field manager: we own just the fields in `object`. It never takes over what the
   * caller has not looked at: without `metadata.uid` it makes an object, with it it changes the one that has this uid,
   * and with `metadata.resourceVersion` too only as it was then; all else fails with reason Conflict. The cache holds the
   * answer, or something newer, when the promise resolves.
   */
  apply<K extends Kind>(object: Applied<K>): Promise<Kinds[K]>
  /** Server-side apply of the status subresource; same rules. */
  applyStatus<K extends Kind>(object: AppliedStatus<K>): Promise<Kinds[K]>
  /**
   * Takes one finalizer off, whichever field manager put it on; with the uid, so that a namesake made since keeps its
   * own. All other finalizers stay. Already off, or the object gone, is success. A conflict is tried again at once.
   * (`apply` cannot do this: what another manager owns too, stays. Send a JSON patch that tests uid and the value at its
   * index, or a merge patch of `finalizers` with the resourceVersion just read from the server, not from the cache.)
   */
  removeFinalizer(kind: Kind, key: Key, finalizer: { uid: string; name: string }): Promise<void>
  /**
   * Deletes exactly the object with this uid, and with a `resourceVersion` only as it was then, in the background; absent
   * already is success.
   */
  delete(kind: Kind, key: Key, seen: Seen): Promise<void>
}

/** Which object a deletion means. */
export interface Seen {
  uid: string
  resourceVersion?: string
}

/** An object to apply: only the fields that we own. */
type Applied<K extends Kind> = KubernetesObject & { kind: K; spec?: unknown }

/** A status to apply. */
type AppliedStatus<K extends Kind> = KubernetesObject & { kind: K; status: unknown }

/** Why the API server, or the way to it, refused. */
export type ClusterFaultReason =
  | 'Conflict'
  | 'NotFound'
  | 'Invalid'
  | 'Forbidden'
  | 'NamespaceTerminating'
  | 'TooManyRequests'
  | 'Unavailable'
  | 'Refused'

/** An error of the cluster. `retry` says whether trying again, unchanged, can help. */
export class ClusterFault extends Error {
  override readonly name = 'ClusterFault'
  readonly reason: ClusterFaultReason
  readonly retry: boolean
  /** Milliseconds in which there shall be no other pass: from Retry-After, or since what was written did not stay. */
  readonly retryAfter: number | undefined
  constructor(
    message: string,
    options: { reason: ClusterFaultReason; retry: boolean; retryAfter?: number; cause?: unknown },
  ) {
    super(message, { cause: options.cause })
    this.reason = options.reason
    this.retry = options.retry
    this.retryAfter = options.retryAfter
  }
}

/** What a pass ends with. */
export type Outcome =
  /** Nothing to do until something changes. */
  | { kind: 'done' }
  /** Try again after the key's backoff, but within so many milliseconds; `because` something failed. */
  | { kind: 'retry'; because?: unknown; within?: number }
  /** Look again after this many milliseconds even if nothing changes. */
  | { kind: 'wait'; after: number }

/** One pass over one object. It rereads everything; throwing counts as retry. */
export type Reconcile = (key: Key) => Promise<Outcome>
