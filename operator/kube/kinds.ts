import type { Key } from '../api/kubernetes.ts'
import type { Kind } from '../reconcile/cluster.ts'

/** The two controllers, each with a service account of its own. */
export type App = 'operator' | 'topics'

type Verb = 'get' | 'list' | 'watch' | 'create' | 'patch' | 'update' | 'delete'

/** Verbs that an app has on a kind, or on a subresource of it, and what for. */
interface Grant {
  app: App
  subresource?: 'status' | 'finalizers'
  verbs: readonly Verb[]
  why: string
  /** Only on the object that has the app's name, in the namespace where the app itself runs. */
  own?: true
}

/** A kind that we read or write. Everything we ask of the API server, and every right we hold, is a row of `kinds`. */
export interface KindRow {
  /** '' is the core group. */
  group: string
  /** Versions we can read and write, the one to prefer first. */
  versions: readonly [string, ...string[]]
  plural: string
  grants: readonly Grant[]
}

/** What the caches need; a finalizer is taken off after another look at its object. */
const read: readonly Verb[] = ['list', 'watch']
const look: readonly Verb[] = ['get', ...read]
const own: readonly Verb[] = [...read, 'create', 'patch', 'delete']

/** What no cache has: events are written without being read, the lease is read from the API server itself. */
export type AnyKind = Kind | 'Event' | 'Lease'

/** One row per kind; the source of the generated RBAC. Nothing here on Secrets, pods, roles or nodes. */
export const kinds: Readonly<Record<AnyKind, KindRow>> = {
  ClickstreamPipeline: {
    group: 'clickstream.dev',
    versions: ['v1alpha1'],
    plural: 'clickstreampipelines',
    grants: [
      { app: 'operator', verbs: [...look, 'patch'], why: 'reads pipelines; sets and removes its finalizer' },
      { app: 'operator', subresource: 'status', verbs: ['patch'], why: 'writes the status' },
      {
        app: 'operator',
        subresource: 'finalizers',
        verbs: ['update'],
        why: 'owns children with blockOwnerDeletion, where OwnerReferencesPermissionEnforcement is on (OpenShift)',
      },
    ],
  },
  KafkaTopic: {
    group: 'kafka.strimzi.io',
    versions: ['v1', 'v1beta2'],
    plural: 'kafkatopics',
    grants: [
      { app: 'operator', verbs: own, why: 'keeps the topics of each pipeline' },
      { app: 'topics', verbs: [...look, 'patch'], why: 'reads topics; sets and removes its finalizer' },
      { app: 'topics', subresource: 'status', verbs: ['patch'], why: 'writes the status' },
    ],
  },
  Deployment: {
    group: 'apps',
    versions: ['v1'],
    plural: 'deployments',
    grants: [{ app: 'operator', verbs: own, why: 'runs producer, processor and consumer' }],
  },
  Service: {
    group: '',
    versions: ['v1'],
    plural: 'services',
    grants: [{ app: 'operator', verbs: [...read, 'create', 'patch'], why: 'makes the dashboard reachable' }],
  },
  Event: {
    group: 'events.k8s.io',
    versions: ['v1'],
    plural: 'events',
    grants: [{ app: 'operator', verbs: ['create', 'patch'], why: 'tells what happened to a pipeline' }],
  },
  Lease: {
    group: 'coordination.k8s.io',
    versions: ['v1'],
    plural: 'leases',
    grants: [
      { app: 'operator', own: true, verbs: ['get', 'patch'], why: 'elects one of several instances' },
      { app: 'topics', own: true, verbs: ['get', 'patch'], why: 'elects one of several instances' },
    ],
  },
}

/** The name of an app's objects: its Deployment, its service account, its roles, its field manager and its Lease. */
export const nameOf = <A extends App>(app: A): `clickstream-${A}` => `clickstream-${app}`

/** A rule of a Role or ClusterRole. */
export interface PolicyRule {
  apiGroups: string[]
  resources: string[]
  verbs: Verb[]
  resourceNames?: string[]
}

/** The rules of an app's Role or ClusterRole, in the order of `kinds`. */
export const rules = (app: App): PolicyRule[] =>
  Object.values(kinds).flatMap(({ group, plural, grants }) =>
    grants
      .filter((grant) => grant.app === app && !grant.own)
      .map(({ subresource, verbs }) => ({
        apiGroups: [group],
        resources: [subresource === undefined ? plural : `${plural}/${subresource}`],
        verbs: [...verbs],
      })),
  )

/** The rules of an app's Role where it runs itself. What does not exist yet has no name: `create` is a rule of its own. */
export const ownRules = (app: App): PolicyRule[] =>
  Object.values(kinds).flatMap(({ group, plural, grants }) =>
    grants
      .filter((grant) => grant.app === app && grant.own)
      .flatMap(({ verbs }) => [
        { apiGroups: [group], resources: [plural], verbs: ['create'] },
        { apiGroups: [group], resources: [plural], resourceNames: [nameOf(app)], verbs: [...verbs] },
      ]),
  )

/** `apps/v1`, `v1`. */
export const apiVersionOf = (kind: AnyKind, version: string): string => {
  const { group } = kinds[kind]
  return group === '' ? version : `${group}/${version}`
}

/** Path of the objects of a kind, of one namespace or of all. */
export const collectionPath = (kind: AnyKind, { version, namespace }: Place): string => {
  const root = kinds[kind].group === '' ? '/api' : '/apis'
  const within = namespace === undefined ? '' : `/namespaces/${namespace}`
  return `${root}/${apiVersionOf(kind, version)}${within}/${kinds[kind].plural}`
}

/** Path of one object. */
export const objectPath = (kind: AnyKind, version: string, { namespace, name }: Key): string =>
  `${collectionPath(kind, { version, namespace })}/${name}`

export interface Place {
  version: string
  /** undefined: all namespaces */
  namespace: string | undefined
}
