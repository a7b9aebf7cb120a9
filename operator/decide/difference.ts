import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { KubernetesObject } from '../api/kubernetes.ts'
import { isKeptAs } from '../api/quantity.ts'
import { appliedAnnotation } from '../desired/names.ts'
import { resumeMark } from '../desired/replicas.ts'

/**
 * Whether an object must be applied again. We own only the fields we set: what others added is no difference.
 * A field that we set once and no longer want is found by the hash of what was applied last.
 */
export const differs = (desired: KubernetesObject, observed: KubernetesObject): boolean =>
  observed.metadata.annotations?.[appliedAnnotation] !== fingerprint(desired) ||
  observed.apiVersion.split('/')[0] !== desired.apiVersion.split('/')[0] ||
  lacking({ ...observed, apiVersion: desired.apiVersion }, desired) !== undefined

/**
 * The first field that the API server keeps otherwise than it was just applied, such as `spec.replicas`; undefined when it
 * keeps all of them. Somebody rewrites it on its way.
 */
export const rewrittenField = (applied: KubernetesObject, kept: KubernetesObject): string | undefined => {
  const { resourceVersion: _, ...metadata } = applied.metadata
  return lacking({ ...kept, apiVersion: applied.apiVersion }, { ...applied, metadata })?.slice(1)
}

/** The object as it is applied: with the hash of itself. */
export const stamped = <T extends KubernetesObject>(desired: T): T => ({
  ...desired,
  metadata: {
    ...desired.metadata,
    annotations: { ...desired.metadata.annotations, [appliedAnnotation]: fingerprint(desired) },
  },
})

/** An object is asked for several times in a pass, by what applies it and by what tells of it. */
const fingerprints = new WeakMap<KubernetesObject, string>()

const fingerprint = (object: KubernetesObject): string => {
  const known = fingerprints.get(object) ?? hashOf(object)
  fingerprints.set(object, known)
  return known
}

const hashOf = (object: KubernetesObject): string =>
  createHash('sha256')
    .update(JSON.stringify(unscaled(object), inOrder))
    .digest('hex')
    .slice(0, 16) + resumeMark(object.metadata.annotations ?? {})

/** The order in which a version of the operator writes fields is no difference. */
const inOrder = (_name: string, value: unknown): unknown =>
  isMembers(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value

/** How many pods run tells nothing of the fields that were set, and changes with an autoscaler. */
const unscaled = (object: KubernetesObject & { spec?: unknown }): object =>
  object.kind === 'Deployment' && isMembers(object.spec)
    ? { ...object, spec: { ...object.spec, replicas: undefined } }
    : object

type Members = Record<string, unknown>
const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Maps that have one owner as a whole: what somebody adds to a selector makes it select less, and what it has is no longer ours. */
const whole: readonly string[] = ['selector', 'labelSelector']

const differing = (actual: unknown, wanted: unknown): string | undefined =>
  isDeepStrictEqual(actual, wanted) ? undefined : ''

/** Where `actual` first lacks something that `wanted` has: a path such as `.spec.replicas`; undefined when it has all. */
const lacking = (actual: unknown, wanted: unknown): string | undefined => {
  if (wanted === undefined) return undefined
  if (Array.isArray(wanted)) return Array.isArray(actual) ? lackingItem(actual, wanted) : ''
  if (!isMembers(wanted)) return actual === wanted || sameQuantity(actual, wanted) ? undefined : ''
  if (!isMembers(actual)) return ''
  for (const [name, value] of Object.entries(wanted)) {
    const within = whole.includes(name) ? differing(actual[name], value) : lacking(actual[name], value)
    if (within !== undefined) return `.${name}${within}`
  }
  return undefined
}

/**
 * What tells the items of a list apart that is a map to the API server: owners, spread constraints, and whatever has a
 * name. Others may add items to such a list.
 */
const mapKeys = [['uid'], ['topologyKey', 'whenUnsatisfiable'], ['name']] as const

/** A list that is no map must have the same items in the same order. */
const lackingItem = (actual: unknown[], wanted: unknown[]): string | undefined => {
  const keys = mapKeys.find((names) =>
    wanted.every((item) => isMembers(item) && names.every((name) => name in item)),
  )
  const isMap = wanted.length > 0 && keys !== undefined
  if (!isMap && actual.length !== wanted.length) return ''
  const isSame = (item: unknown, other: unknown) =>
    isMembers(item) && isMembers(other) && keys?.every((name) => item[name] === other[name])
  for (const [index, item] of wanted.entries()) {
    const within = lacking(isMap ? actual.find((other) => isSame(item, other)) : actual[index], item)
    if (within !== undefined) return `[${isMap ? identity(item, keys) : index}]${within}`
  }
  return undefined
}

const identity = (item: unknown, keys: readonly string[]): string =>
  isMembers(item) ? keys.map((name) => String(item[name])).join(' ') : ''

const sameQuantity = (actual: unknown, wanted: unknown): boolean =>
  typeof actual === 'string' && typeof wanted === 'string' && isKeptAs(wanted, actual)
