import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Handler, Health } from '../roles/role.ts'

// An import of it would read all its exports, those that load fetch and WebSocket too: 14 MB of memory.
const { createServer } = process.getBuiltinModule('node:http')

/** Sent with every answer; a handler may set a policy of its own. */
const securityHeaders = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}

/** Ends an answer with a body of the given media type. */
export const answer = (
  response: ServerResponse,
  { status = 200, type, body }: { status?: number; type: string; body: string },
): void => {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

export const answerText = (response: ServerResponse, status: number, body: string): void =>
  answer(response, { status, type: 'text/plain; charset=utf-8', body: `${body}\n` })

export const answerJson = (response: ServerResponse, status: number, value: unknown): void =>
  answer(response, { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(value)}\n` })

/** Answers 200 or 503 with the reason. */
export const healthHandler =
  (health: () => Health): Handler =>
  (_request, response) => {
    const { ok, why } = health()
    answerText(response, ok ? 200 : 503, why)
  }

/** The path and query of a request, undefined when they make no address. */
export const addressOf = (request: IncomingMessage): URL | undefined => {
  const target = request.url ?? '/'
  return URL.canParse(target, 'http://server') ? new URL(target, 'http://server') : undefined
}

/** A server that listens. */
export interface Listening {
  port: number
  /** Takes no new requests, ends the open ones after at most a second. */
  close(): Promise<void>
}

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), 1_000)
    server.close(() => {
      clearTimeout(force)
      resolve()
    })
    server.closeIdleConnections()
  })

/**
 * Serves the handlers that `route` gives for paths, on all addresses of the host: GET and HEAD only, else 405; 404
 * for paths without one. `failed` hears of handlers that throw. Port 0 takes a free one. Rejects when the port is
 * taken.
 */
export const serve = async (options: {
  port: number
  route: (path: string) => Handler | undefined
  failed: (error: unknown) => void
}): Promise<Listening> => {
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
    const handler = options.route(addressOf(request)?.pathname ?? '')
    if (handler === undefined) return answerText(response, 404, 'not found')
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      return answerText(response, 405, 'only GET and HEAD')
    }
    try {
      handler(request, response)
    } catch (error) {
      options.failed(error)
      if (response.headersSent) response.destroy()
      else answerText(response, 500, 'failed')
    }
  })
  server.headersTimeout = 5_000
  server.requestTimeout = 10_000
  server.keepAliveTimeout = 5_000
  server.maxConnections = 512
  server.on('clientError', (_error, socket) => socket.destroy())
  return { port: await listen(server, options.port), close: () => close(server) }
}
