import type { KubernetesObject } from '../api/kubernetes.ts'

/**
 * A strategic merge patch that makes the lists of ports of a Service or a Deployment what they are in the object, and
 * changes nothing else; undefined where it has none. Apply cannot: lists of ports go by number, so a port that somebody
 * renumbered keeps its name, ours of that name is added beside it, and the API server refuses the two.
 */
export const portsAnew = ({
  kind,
  metadata: { uid },
  spec,
}: KubernetesObject & { spec?: unknown }): object | undefined => {
  if (uid === undefined || (kind !== 'Service' && kind !== 'Deployment')) return undefined
  const ports = anew(spec)
  return ports && { metadata: { uid }, spec: ports }
}

const isList = (value: unknown): value is unknown[] => Array.isArray(value)
const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !isList(value)

/** The part of a value that leads to lists of ports, and they: containers are told apart by their names. */
const anew = (value: unknown): object | undefined => {
  if (isList(value)) {
    const items = value.flatMap((item) => anew(item) ?? [])
    return items.length > 0 ? items : undefined
  }
  if (!isMap(value)) return undefined
  const parts = Object.entries(value).flatMap(([key, part]) => {
    if (key === 'ports' && isList(part)) return [[key, [...part, { $patch: 'replace' }]]]
    const inner = anew(part)
    return inner ? [[key, inner]] : []
  })
  if (parts.length === 0) return undefined
  return { ...('name' in value && { name: value['name'] }), ...Object.fromEntries(parts) }
}
