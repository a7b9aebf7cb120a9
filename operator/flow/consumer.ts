import type { Key } from '../api/kubernetes.ts'
import { childName } from '../desired/names.ts'
import { Summary } from '../../runtime/summary.ts'

/** Bytes of an answer; a summary has some hundreds. */
const longest = 16_384
const patience = 2_000

/** Where the consumer of a pipeline tells its summary, as seen from inside the cluster. */
export const summaryUrl = (pipeline: Key): string =>
  `http://${childName(pipeline, 'consumer')}.${pipeline.namespace}.svc:8080/api/summary`

/**
 * Reads a summary within `timeout` milliseconds. Rejects when nobody answers, or what answers is no summary. Redirects are
 * not followed: the operator asks the Service of the pipeline and nobody else.
 */
export const readSummary = async (url: string, timeout = patience): Promise<Summary> => {
  const signal = AbortSignal.timeout(timeout)
  const response = await fetch(url, { signal, redirect: 'error', headers: { accept: 'application/json' } })
  const text = await bounded(response)
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`)
  return Summary.parse(JSON.parse(text))
}

/** The text of an answer. Leaving the loop early ends the connection. */
const bounded = async (response: Response): Promise<string> => {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of response.body ?? []) {
    length += piece.byteLength
    if (length > longest) throw new Error(`${response.url}: more than ${longest} bytes`)
    pieces.push(piece)
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces))
}
