import { isDeepStrictEqual } from 'node:util'

/** A value as server-side apply sees it: fields and items of keyed lists can be owned one by one, all else is a leaf. */
type Tree = { leaf: unknown } | { shape: 'object' | 'list' | 'set'; fields: Map<string, Tree> }

export type Fields = Record<string, unknown>

/** The lists whose items are owned one by one, and what tells these apart; '' is the item itself. Others are atomic. */
const listKeys: Readonly<Record<string, string>> = {
  containers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  ports: 'name',
  ownerReferences: 'uid',
  conditions: 'type',
  finalizers: '',
}

/** Objects that have one owner as a whole. */
const atomic: readonly string[] = ['selector', 'labelSelector']

/**
 * Server-side apply, forced, simplified to what reconcilers depend on. `live` is the object, `before` what this
 * manager applied last, `now` what it applies, `others` what the other managers own. Gives the new object.
 */
export const applyFields = (
  live: Fields,
  { before, now, others }: { before: Fields; now: Fields; others: readonly Fields[] },
): Fields => {
  const owners = [now, ...others].map((fields) => toTree(fields))
  const kept = without(toTree(live), toTree(before), owners)
  return fromTree(merged(kept ?? toTree({}), toTree(now))) as Fields
}

/** What of a manager's fields is still so in the object: the rest has been taken over by somebody else. */
export const stillOwned = (fields: Fields, live: Fields): Fields =>
  (fromTree(agreed(toTree(fields), toTree(live)) ?? toTree({})) ?? {}) as Fields

/** A copy of plain data; many times faster than structuredClone, which is most of the time of a random history. */
export const copyOf = <T>(value: T): T => {
  if (Array.isArray(value)) return value.map(copyOf) as T
  if (typeof value !== 'object' || value === null) return value
  const copy: Fields = {}
  for (const [key, field] of Object.entries(value)) copy[key] = copyOf(field)
  return copy as T
}

function toTree(value: unknown, name = ''): Tree {
  if (Array.isArray(value)) return listTree(value, listKeys[name])
  if (typeof value !== 'object' || value === null || atomic.includes(name)) return { leaf: value }
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return { shape: 'object', fields: new Map(fields.map(([key, field]) => [key, toTree(field, key)])) }
}

function listTree(list: unknown[], key: string | undefined): Tree {
  if (key === '') return { shape: 'set', fields: new Map(list.map((item) => [String(item), { leaf: item }])) }
  const items = list.map((item) => [(item as Fields)?.[key ?? ''], toTree(item)] as const)
  if (key === undefined || items.some(([id]) => id === undefined)) return { leaf: list }
  return { shape: 'list', fields: new Map(items.map(([id, item]) => [String(id), item])) }
}

function fromTree(tree: Tree): unknown {
  if ('leaf' in tree) return copyOf(tree.leaf)
  if (tree.shape !== 'object') return [...tree.fields.values()].map(fromTree)
  return Object.fromEntries([...tree.fields].map(([key, field]) => [key, fromTree(field)]))
}

function merged(live: Tree, applied: Tree): Tree {
  if ('leaf' in live || 'leaf' in applied) return applied
  const fields = new Map(live.fields)
  for (const [key, field] of applied.fields) {
    const known = fields.get(key)
    fields.set(key, known ? merged(known, field) : field)
  }
  return { ...live, fields }
}

/** `live` without the leaves of `gone` that none of `owners` has; undefined when nothing is left. */
function without(live: Tree, gone: Tree, owners: readonly Tree[]): Tree | undefined {
  if ('leaf' in live || 'leaf' in gone) return owners.length > 0 ? live : undefined
  const fields = new Map(live.fields)
  for (const [key, field] of gone.fields) {
    const known = live.fields.get(key)
    if (!known) continue
    const left = without(known, field, within(owners, key))
    if (left) fields.set(key, left)
    else fields.delete(key)
  }
  return fields.size > 0 || owners.length > 0 ? { ...live, fields } : undefined
}

const within = (trees: readonly Tree[], key: string): Tree[] =>
  trees
    .map((tree) => ('leaf' in tree ? undefined : tree.fields.get(key)))
    .filter((field) => field !== undefined)

function agreed(owned: Tree, live: Tree): Tree | undefined {
  if ('leaf' in owned || 'leaf' in live) return isDeepStrictEqual(owned, live) ? owned : undefined
  const fields = new Map<string, Tree>()
  for (const [key, field] of owned.fields) {
    const known = live.fields.get(key)
    const same = known && agreed(field, known)
    if (same) fields.set(key, same)
  }
  return fields.size > 0 ? { ...owned, fields } : undefined
}
