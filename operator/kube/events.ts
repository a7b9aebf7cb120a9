import type { KubernetesObject } from '../api/kubernetes.ts'
import { refused, type StatusFault } from './fault.ts'

/** What a line of a watch says. */
export type WatchEvent =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubernetesObject }
  | { type: 'BOOKMARK'; version: string }
  | { type: 'ERROR'; fault: StatusFault }

/** A page of a list. */
export interface Page {
  objects: KubernetesObject[]
  /** The version that all pages of the list show. */
  version: string
  /** Asks for the next page; absent on the last one. */
  continue?: string
}

/** The complete lines of a text that comes in pieces. What is left without an end is dropped: it was cut off. */
export async function* linesOf(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of text) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') yield line
  }
}

/** Parses a line of a watch. Throws a SyntaxError or TypeError on what is none. */
export const parseEvent = (line: string, as: TypeMeta): WatchEvent => {
  const { type, object } = JSON.parse(line) as { type?: string; object?: unknown }
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') return { type, object: slim(object, as) }
  if (type === 'BOOKMARK') return { type, version: slim(object, as).metadata.resourceVersion ?? '0' }
  if (type !== 'ERROR') throw new TypeError(`watch of ${as.kind}: not an event: ${line.slice(0, 100)}`)
  const { code = 500 } = object as { code?: number }
  return { type, fault: refused({ request: `watch of ${as.kind}`, code, body: JSON.stringify(object) }) }
}

/** Parses a page of a list. Throws a TypeError on what is none. */
export const parsePage = (answer: unknown, as: TypeMeta): Page => {
  const { metadata, items } = answer as {
    metadata?: { resourceVersion?: string; continue?: string }
    items?: unknown[]
  }
  if (!metadata?.resourceVersion || !items) throw new TypeError(`list of ${as.kind}: the answer is no list`)
  return {
    objects: items.map((item) => slim(item, as)),
    version: metadata.resourceVersion,
    ...(metadata.continue ? { continue: metadata.continue } : {}),
  }
}

export interface TypeMeta {
  apiVersion: string
  kind: string
}

/** An object as we keep it: without managedFields, a third of its bytes; with its type, which items of a list lack. */
export const slim = (value: unknown, { apiVersion, kind }: TypeMeta): KubernetesObject => {
  const object = value as Partial<KubernetesObject>
  if (typeof object?.metadata !== 'object') throw new TypeError(`${kind}: an object without metadata`)
  const { managedFields: _, ...metadata } = object.metadata as KubernetesObject['metadata'] & {
    managedFields?: unknown
  }
  return { ...object, apiVersion: object.apiVersion ?? apiVersion, kind: object.kind ?? kind, metadata }
}
