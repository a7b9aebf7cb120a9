import type { IncomingMessage } from 'node:http'
import type { Key } from '../api/kubernetes.ts'
import { childName } from '../desired/names.ts'
import { Summary } from '../../runtime/summary.ts'

// The fetch of Node would be two megabytes more in memory, and an import of this loads it too: see runtime/http/server.ts.
const { get } = process.getBuiltinModule('node:http')

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
  try {
    const response = await answered(url, signal)
    const text = await bounded(url, response)
    if (response.statusCode !== 200) throw new Error(`${url}: HTTP ${response.statusCode}`)
    return Summary.parse(JSON.parse(text))
  } catch (error) {
    throw signal.aborted ? new Error(`${url}: no answer within ${timeout} ms`, { cause: error }) : error
  }
}

const answered = (url: string, signal: AbortSignal): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    get(url, { signal, agent: false, headers: { accept: 'application/json' } }, resolve).on('error', reject)
  })

/** The text of an answer. Leaving the loop early ends the connection. */
const bounded = async (url: string, response: AsyncIterable<Buffer>): Promise<string> => {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of response) {
    length += piece.byteLength
    if (length > longest) throw new Error(`${url}: more than ${longest} bytes`)
    pieces.push(piece)
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces))
}
