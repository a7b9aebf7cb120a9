import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { connect as dialPlain, isIP, type Socket } from 'node:net'
import { connect as dialTls, type SecureContextOptions } from 'node:tls'

/** Where to connect to, and as whom as far as TLS is concerned. */
export interface Endpoint {
  /** `https://host:port` */
  origin: string
  tls: SecureContextOptions & { servername?: string; rejectUnauthorized?: boolean }
}

export interface Patience {
  /** Milliseconds between two pings. */
  pingEvery: number
  /** Milliseconds that the answer to a ping, or a new connection, may take. */
  answerWithin: number
}

/** client-go's figures (ReadIdleTimeout, PingTimeout): a dead connection is known to be dead after 45 s. */
const defaultPatience: Patience = { pingEvery: 30_000, answerWithin: 15_000 }

/**
 * The one connection to the API server: HTTP/2, over which all requests and watches run side by side; replaced when
 * it dies, when the server says goodbye, or when CA or client certificate change.
 *
 * A connection can be half open: the other side is gone and no packet tells. Nothing else notices, for a watch without
 * events is silent for minutes, and TCP keepalive is answered by any balancer in between and by the kernel of a
 * server that hangs. So we ping, as client-go does, through to the server itself; a ping without answer destroys the
 * connection, and each request and watch on it fails at once instead of being tried on the same dead connection again.
 */
export class Connection {
  readonly #patience: Patience
  #session: ClientHttp2Session | undefined
  /** Ends each session that is not gone: the one in use, and former ones whose last streams go on. */
  readonly #open = new Set<(reason: Error) => void>()
  /** Resolves when the session is up, rejects when it does not come up. */
  #up = Promise.resolve()
  #identity = ''
  #closed: Error | undefined

  constructor(patience: Partial<Patience> = {}) {
    this.#patience = { ...defaultPatience, ...patience }
  }

  /**
   * Opens a request on the connection, which is made when there is none; throws when it is closed. The stream fails when
   * the connection does.
   */
  request(endpoint: Endpoint, headers: OutgoingHttpHeaders): ClientHttp2Stream {
    // Said, for else a DELETE would be taken for one without a body.
    return this.#current(endpoint).request(headers, { endStream: false })
  }

  /** Resolves when the connection is up: a request made now leaves now. Rejects when it does not come up. */
  async ready(endpoint: Endpoint): Promise<void> {
    this.#current(endpoint)
    return this.#up
  }

  /** Ends all requests and watches on the connection for good: who asks for another one gets the reason. */
  close(reason: Error): void {
    this.#closed = reason
    for (const destroy of this.#open) destroy(reason)
    this.#session = undefined
  }

  #current(endpoint: Endpoint): ClientHttp2Session {
    if (this.#closed) throw this.#closed
    const identity = identityOf(endpoint)
    const session = this.#session
    if (session && !session.closed && !session.destroyed && identity === this.#identity) return session
    session?.close() // lets what runs on it end
    this.#identity = identity
    this.#session = this.#begin(endpoint)
    this.#up = connected(this.#session)
    return this.#session
  }

  #begin(endpoint: Endpoint): ClientHttp2Session {
    const socket = dial(endpoint)
    const settings = { initialWindowSize: window }
    const session = connect(endpoint.origin, { createConnection: () => socket, settings })
    const forget = () => {
      if (this.#session === session) this.#session = undefined
    }
    const destroy = (reason: Error) => {
      session.destroy(reason)
      // The session waits for a write that is under way, and after a reset Node may never tell it of the end of that.
      socket.destroy()
    }
    session.on('error', forget) // each stream on it has the error too
    session.on('close', forget) // after a goodbye of the server it is `closed` until its last stream ends
    session.once('connect', () => {
      if (session.destroyed) return // between coming up and saying so, in which time anything may happen
      session.setLocalWindowSize(window)
      if (session.encrypted && session.alpnProtocol !== 'h2') destroy(new Error(noHttp2))
    })
    watchOver(session, { ...this.#patience, destroy })
    this.#open.add(destroy)
    session.once('close', () => this.#open.delete(destroy))
    return session
  }
}

/** As Node would for HTTP/2, but the socket is ours to destroy. */
function dial({ origin, tls }: Endpoint): Socket {
  const { protocol, hostname, port } = new URL(origin)
  const host = hostname.replace(/^\[|\]$/g, '')
  const to = { host, port: Number(port || (protocol === 'https:' ? 443 : 80)) }
  if (protocol === 'http:') return dialPlain(to)
  return dialTls({ ...to, ...(isIP(host) === 0 && { servername: host }), ...tls, ALPNProtocols: ['h2'] })
}

function connected(session: ClientHttp2Session): Promise<void> {
  const up = new Promise<void>((resolve, reject) => {
    session.once('connect', () => resolve())
    session.once('error', reject)
    session.once('close', () => reject(new Error('the connection was closed')))
  })
  up.catch(() => {}) // whoever waits for it has the error too
  return up
}

/** Bytes in flight, so that a list of megabytes does not wait for a round trip at each 64 KiB. */
const window = 4 * 1024 * 1024

const noHttp2 = 'it does not speak HTTP/2, or a proxy before it does not; connect to the API server directly'

function identityOf({ origin, tls }: Endpoint): string {
  const { ca, cert, key, servername, rejectUnauthorized } = tls
  return [origin, ca, cert, key, servername, rejectUnauthorized].map(String).join('\n')
}

/** Destroys the session when it does not come up, or a ping is not answered, in time. */
function watchOver(
  session: ClientHttp2Session,
  { pingEvery, answerWithin, destroy }: Patience & { destroy: (reason: Error) => void },
): void {
  const destroyLater = (what: string) =>
    setTimeout(() => destroy(new Error(`${what} within ${answerWithin / 1000} s`)), answerWithin)
  let late: NodeJS.Timeout | undefined = destroyLater('no connection')
  const inTime = () => {
    clearTimeout(late)
    late = undefined
  }
  session.once('connect', inTime)
  const beat = setInterval(() => {
    if (late || session.destroyed) return // one ping at a time: the next must not excuse the last
    late = destroyLater('no answer to a ping')
    session.ping((error) => {
      if (!error) inTime()
    })
  }, pingEvery)
  session.once('close', () => {
    clearInterval(beat)
    inTime()
  })
}
