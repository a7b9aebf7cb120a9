import { type ClientHttp2Stream, constants, type IncomingHttpHeaders } from 'node:http2'
import type { RequestOptions } from 'node:https'
import { PassThrough, pipeline } from 'node:stream'
import type { KubeConfig } from '@kubernetes/client-node'
import { Connection, type Endpoint, type Patience } from './connection.ts'
import { refused, unreachable } from './fault.ts'

export interface Request {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  query?: Record<string, string | undefined>
  body?: unknown
  /** Of the body; default application/json. */
  contentType?: string
  signal?: AbortSignal
  /** Called right before the request leaves, on a connection that is up; what it throws is the request's failure. */
  guard?: () => void
}

/** Raw JSON requests to the API server. Every failure is a StatusFault. */
export interface Client {
  /** The answer's JSON. */
  request(request: Request): Promise<unknown>
  /** The answer's text as it comes, for as long as it comes. */
  stream(request: Request): Promise<AsyncIterable<string>>
  /** Ends what is under way; nothing stays open. */
  close(): void
}

export interface ClientOptions {
  config: KubeConfig
  /** Milliseconds a request may take, and a stream until it begins. */
  timeout?: number
  patience?: Partial<Patience>
  /** Told of each request, in client-go's words: `<error>` is the code of one without an answer. */
  requested?: (request: { method: string; host: string; code: string }) => void
}

/**
 * Of the library we use KubeConfig alone: where the API server is and how to log in there (token files, client
 * certificates, exec plugins), which it reads again as they are rotated. Its requests open a connection each, have no
 * timeout, and its informer dies of the first reset; see connection.ts and reflector.ts.
 */
export const openClient = ({ config, timeout = 30_000, patience, requested }: ClientOptions): Client => {
  const server = serverOf(config)
  const connection = new Connection(patience)
  const send = async (request: Request): Promise<Sent> => {
    const { endpoint, headers } = await credentials(config, server)
    request.signal?.throwIfAborted()
    if (request.guard) {
      await connection.ready(endpoint)
      request.guard()
    }
    const stream = connection.request(endpoint, { ...headers, ...headersOf(request, server) })
    const head = answered(stream)
    const told = { method: request.method, host: server.host }
    head.then(
      (headers) => requested?.({ ...told, code: String(codeOf(headers)) }),
      () => requested?.({ ...told, code: '<error>' }),
    )
    // Read from the start: Node throws away the body of a stream that closes before anybody reads it.
    const body = pipeline(stream, new PassThrough({ encoding: 'utf8' }), () => {})
    const sent = { head, body, timer: limit(stream, timeout, request.signal) }
    stream.end(request.body === undefined ? undefined : JSON.stringify(request.body))
    return sent
  }
  return {
    request: (request) => faulty(request, async () => JSON.parse(await whole(request, await send(request)))),
    stream: (request) =>
      faulty(request, async () => {
        const sent = await send(request)
        if (codeOf(await sent.head) >= 300) await whole(request, sent)
        clearTimeout(sent.timer)
        return sent.body
      }),
    close: () => connection.close(new Error('the client is closed')),
  }
}

/** The same client, each of whose writes passes the guard right before it leaves. */
export const guarded = (client: Client, guard: () => void): Client => ({
  ...client,
  request: (request) => client.request(request.method === 'GET' ? request : { ...request, guard }),
})

/** A request that is under way. */
interface Sent {
  /** The headers of the answer. */
  head: Promise<IncomingHttpHeaders>
  /** Its text; fails when the stream does. */
  body: AsyncIterable<string>
  /** Ends the stream when it fires. */
  timer: NodeJS.Timeout
}

const codeOf = (head: IncomingHttpHeaders): number => Number(head[constants.HTTP2_HEADER_STATUS])

async function faulty<T>({ method, path }: Request, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw unreachable(`${method} ${path}`, error)
  }
}

function answered(stream: ClientHttp2Stream): Promise<IncomingHttpHeaders> {
  const head = new Promise<IncomingHttpHeaders>((resolve, reject) => {
    stream.once('response', resolve)
    stream.on('error', reject) // stays, so that a later error is never an uncaught one
    stream.once('close', () => reject(new Error('the connection was closed')))
  })
  head.catch(() => {}) // whoever waits for it has the error too
  return head
}

/** Destroys the stream after `ms`, unless the timer is cleared, and when `signal` aborts. */
function limit(stream: ClientHttp2Stream, ms: number, signal: AbortSignal | undefined): NodeJS.Timeout {
  const end = (why: string) => {
    stream.close(constants.NGHTTP2_CANCEL)
    stream.destroy(new Error(why))
  }
  const timer = setTimeout(() => end(`not within ${ms / 1000} s`), ms)
  const abort = () => end(signal?.reason instanceof Error ? signal.reason.message : 'aborted')
  signal?.addEventListener('abort', abort)
  stream.once('close', () => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  })
  return timer
}

/** The body of a good answer; throws the fault of another. */
async function whole({ method, path }: Request, { head, body }: Sent): Promise<string> {
  const headers = await head
  let text = ''
  for await (const piece of body) text += piece
  const code = codeOf(headers)
  if (code < 300) return text
  throw refused({ request: `${method} ${path}`, code, body: text, retryAfter: headers['retry-after'] })
}

function serverOf(config: KubeConfig): URL {
  const cluster = config.getCurrentCluster()
  if (!cluster) throw new Error('the kubeconfig has no current context with a cluster: set current-context')
  if (cluster.proxyUrl !== undefined) {
    throw new Error(
      `proxy-url of cluster ${cluster.name} is not supported: connect to the API server directly`,
    )
  }
  return new URL(cluster.server)
}

async function credentials(config: KubeConfig, server: URL) {
  const options: RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized, auth, headers } = options
  const tls = defined({ ca, cert, key, pfx, passphrase, servername, rejectUnauthorized }) as Endpoint['tls']
  const basic = auth ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {}
  return {
    endpoint: { origin: server.origin, tls },
    headers: { ...basic, ...(headers as Record<string, string> | undefined) },
  }
}

function headersOf(request: Request, server: URL) {
  const query = new URLSearchParams(defined(request.query ?? {}) as Record<string, string>).toString()
  const prefix = server.pathname.replace(/\/$/, '')
  return {
    [constants.HTTP2_HEADER_METHOD]: request.method,
    [constants.HTTP2_HEADER_PATH]: `${prefix}${request.path}${query && `?${query}`}`,
    accept: 'application/json',
    'user-agent': 'clickstream-operator',
    ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
  }
}

const defined = (record: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
