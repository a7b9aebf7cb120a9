import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import {
  type ClientHttp2Session,
  connect,
  constants,
  createSecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { ControlPlane } from '../../dev/controlplane.ts'

/** A request as it came to the proxy. */
export interface Call {
  method: string
  path: string
  query: URLSearchParams
  token: string
  body: string
  /** Milliseconds that only grow. */
  at: number
  /** What was answered; undefined while nothing was. */
  status?: number
}

export interface Answer {
  status: number
  headers: Record<string, string>
  body: Readable
}

/** What becomes of a request: `pass` asks the API server. */
export type Rule = (call: Call, pass: () => Promise<Answer>) => Promise<Answer | 'reset'>

/** An API server that can fail as API servers do: an HTTP/2 proxy before a real one, on loopback. */
export class ApiProxy {
  readonly calls: Call[] = []
  rule: Rule = (_call, pass) => pass()
  /** What the API server is told in place of the callers' tokens. */
  token: string | undefined
  readonly #server
  readonly #sockets = new Set<Socket>()
  readonly #plane: Pick<ControlPlane, 'api'>
  #upstream: ClientHttp2Session | undefined

  constructor(plane: Pick<ControlPlane, 'api' | 'certificates'>) {
    this.#plane = plane
    const { key, certificate } = plane.certificates.server
    this.#server = createSecureServer({ key: readFileSync(key), cert: readFileSync(certificate) })
    this.#server.on('stream', (stream, headers) => void this.#serve(stream, headers))
    this.#server.on('session', (session) => session.on('error', () => {}))
    this.#server.on('sessionError', () => {})
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  async listen(): Promise<number> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening')
    return (this.#server.address() as AddressInfo).port
  }

  /** Requests since the `from`th, without those of the lease. */
  since(from: number): Call[] {
    return this.calls.slice(from).filter(({ path }) => !isLease(path))
  }

  /** Writes since the `from`th request, without those of the lease and of events. */
  writes(from = 0): Call[] {
    return this.since(from).filter(isWrite)
  }

  /** Ends every connection too: one that died in its handshake has no session that would. */
  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    this.#upstream?.destroy()
  }

  async #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    stream.on('error', () => {})
    const url = new URL(String(headers[constants.HTTP2_HEADER_PATH]), 'https://api')
    const call: Call = {
      method: String(headers[constants.HTTP2_HEADER_METHOD]),
      path: url.pathname,
      query: url.searchParams,
      token: String(headers.authorization).replace('Bearer ', ''),
      body: '',
      at: performance.now(),
    }
    this.calls.push(call)
    try {
      call.body = await text(stream)
      const answer = await this.rule(call, () => this.#pass(stream, headers, call.body))
      if (answer === 'reset') return reset(stream)
      call.status = answer.status
      if (stream.destroyed) return void answer.body.destroy()
      stream.respond({ ...answer.headers, [constants.HTTP2_HEADER_STATUS]: answer.status })
      stream.once('close', () => answer.body.destroy())
      answer.body.once('error', () => reset(stream))
      answer.body.pipe(stream)
    } catch {
      reset(stream) // the API server is away
    }
  }

  async #pass(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, body: string): Promise<Answer> {
    const { [constants.HTTP2_HEADER_AUTHORITY]: _, connection: __, ...rest } = headers
    if (this.token !== undefined) rest.authorization = `Bearer ${this.token}`
    const upstream = this.#session().request(rest, { endStream: false })
    stream.once('close', () => upstream.close(constants.NGHTTP2_CANCEL))
    const failed = once(upstream, 'error').then(([error]) => Promise.reject(error as Error))
    failed.catch(() => {})
    upstream.on('error', () => {})
    upstream.end(body === '' ? undefined : body)
    const closed = once(upstream, 'close').then(() => Promise.reject(new Error('closed')))
    closed.catch(() => {})
    const [head] = (await Promise.race([once(upstream, 'response'), failed, closed])) as [IncomingHttpHeaders]
    const { 'content-type': type = 'application/json', 'retry-after': after } = head
    return {
      status: Number(head[constants.HTTP2_HEADER_STATUS]),
      headers: { 'content-type': type, ...(after === undefined ? {} : { 'retry-after': after }) },
      body: upstream,
    }
  }

  #session(): ClientHttp2Session {
    if (this.#upstream && !this.#upstream.closed && !this.#upstream.destroyed) return this.#upstream
    const { server, authority } = this.#plane.api
    this.#upstream = connect(server, { ca: readFileSync(authority) })
    this.#upstream.on('error', () => {})
    this.#upstream.setMaxListeners(0)
    return this.#upstream
  }
}

const reset = (stream: ServerHttp2Stream): void => stream.session?.destroy()

export const isLease = (path: string): boolean => path.includes('/leases')

export const isWatch = ({ query }: Call): boolean => query.get('watch') === 'true'

export const isList = (call: Call): boolean =>
  call.method === 'GET' && !isWatch(call) && call.query.has('limit')

/** A write of a pipeline or of a child. */
export const isWrite = ({ method, path }: Call): boolean =>
  method !== 'GET' && !isLease(path) && !path.includes('/events.k8s.io/')

/** A watch that says this. */
export const watchOf = (text: string): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: Readable.from([Buffer.from(text)]),
})

/** An answer that the API server never gave. */
export const answer = (status: number, reason: string, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: Readable.from([
    JSON.stringify({
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      reason,
      code: status,
      message: `made up: ${reason}`,
    }),
  ]),
})
