import { createHash } from 'node:crypto'
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
  !contains({ ...observed, apiVersion: desired.apiVersion }, desired)

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

/** Whether `actual` has everything that `wanted` has. */
const contains = (actual: unknown, wanted: unknown): boolean => {
  if (wanted === undefined) return true
  if (Array.isArray(wanted)) return Array.isArray(actual) && containsItems(actual, wanted)
  if (isMembers(wanted)) {
    return isMembers(actual) && Object.entries(wanted).every(([name, value]) => contains(actual[name], value))
  }
  return actual === wanted || sameQuantity(actual, wanted)
}

/**
 * What tells the items of a list apart that is a map to the API server: owners, spread constraints, and whatever has a
 * name. Others may add items to such a list.
 */
const mapKeys = [['uid'], ['topologyKey', 'whenUnsatisfiable'], ['name']] as const

/** A list that is no map must have the same items in the same order. */
const containsItems = (actual: unknown[], wanted: unknown[]): boolean => {
  const keys = mapKeys.find((names) =>
    wanted.every((item) => isMembers(item) && names.every((name) => name in item)),
  )
  if (wanted.length === 0 || keys === undefined) {
    return actual.length === wanted.length && wanted.every((item, i) => contains(actual[i], item))
  }
  const isSame = (item: unknown, other: unknown) =>
    isMembers(item) && isMembers(other) && keys.every((name) => item[name] === other[name])
  return wanted.every((item) =>
    contains(
      actual.find((other) => isSame(item, other)),
      item,
    ),
  )
}

const sameQuantity = (actual: unknown, wanted: unknown): boolean =>
  typeof actual === 'string' && typeof wanted === 'string' && isKeptAs(wanted, actual)
