import type { ISocketFactory } from 'kafkajs'
import { Broker, type Connection, ConnectionPool, Decoder, Encoder } from './kafkajs.ts'
import { connectionFault, protocolFault } from './faults.ts'

/** A request of the Kafka protocol in one of its versions. */
export interface Request<T> {
  /** Name and key of the API, and the version that `encode` and `decode` speak. */
  name: string
  api: number
  version: number
  encode: (body: Encoder) => void
  /** Bytes behind what `encode` writes, sent from where they lie: they may be used again once the answer is there. */
  tail?: Buffer
  decode: (body: Decoder) => T
  /** Milliseconds to wait for the answer, when it may take longer than others. */
  timeout?: number
}

/** A broker's address, `host:port`. */
export type Address = string

/** Milliseconds to wait for an answer before the connection is given up. */
const requestTimeout = 6_000
const connectionTimeout = 3_000
/** Bytes in front of a request that tell its size. */
const sizeLength = 4

/**
 * One connection to a broker, by kafkajs: TCP, TLS, SASL, correlation of answers, timeouts. It answers requests
 * in order, so that a request that waits at the broker holds up those behind it. The first failure ends it and
 * fails all that waits on it.
 */
export class Line {
  readonly address: Address
  readonly #pool: ConnectionPool
  readonly #broker: Broker
  #open = true
  #connected = false

  constructor(address: Address, clientId: string, socketFactory: ISocketFactory) {
    const colon = address.lastIndexOf(':')
    this.address = address
    this.#pool = new ConnectionPool({
      host: address.slice(0, colon),
      port: Number(address.slice(colon + 1)),
      clientId,
      connectionTimeout,
      requestTimeout,
      enforceRequestTimeout: true,
      socketFactory,
      logger: silent,
    })
    this.#broker = new Broker({ connectionPool: this.#pool, logger: silent })
  }

  get open(): boolean {
    return this.#connected && !this.ended
  }

  /** True too when the broker has closed it, as it does to idle ones. */
  get ended(): boolean {
    return !this.#open || (this.#connected && !this.#connection.isConnected())
  }

  async connect(): Promise<this> {
    try {
      await this.#broker.connect()
      this.#connected = true
      return this
    } catch (error) {
      this.close()
      throw connectionFault(error, `connecting to ${this.address}`)
    }
  }

  /**
   * Sends a request and gives its decoded answer. Throws Unreachable when none came, Unsupported for a version that
   * this broker does not speak, and what `decode` throws.
   */
  async send<T>(request: Request<T>): Promise<T> {
    const spoken = this.#broker.versions?.[request.api]
    if (!spoken || request.version < spoken.minVersion || request.version > spoken.maxVersion)
      throw protocolFault(35, `${request.name} v${request.version} to ${this.address}`)
    return request.decode(new Decoder(await this.#exchange(request)))
  }

  async #exchange<T>(request: Request<T>): Promise<Buffer> {
    try {
      if (!this.#open) throw new Error('the connection was closed')
      const connection = this.#connection
      // What is left of the answer before is nothing: without it kafkajs does not copy the next answer.
      if (connection.bytesBuffered === 0) connection.chunks = []
      return await exchange(connection, request)
    } catch (error) {
      this.close()
      throw connectionFault(error, `${request.name} to ${this.address}`)
    }
  }

  /** Ends the connection at once; whatever waits on it fails. */
  close(): void {
    if (!this.#open) return
    this.#open = false
    const error = new Error('the connection was closed')
    for (const connection of this.#pool.pool) {
      connection.requestQueue.rejectAll(error)
      void connection.disconnect()
      connection.socket?.destroy(error)
    }
  }

  get #connection(): Connection {
    const [connection] = this.#pool.pool
    if (!connection) throw new Error('kafkajs made a pool without a connection')
    return connection
  }
}

/**
 * Gives a request to the queue of kafkajs, which correlates answers and watches their time, and writes it by itself:
 * kafkajs copies each request three times, into memory that it clears before.
 */
const exchange = <T>(connection: Connection, request: Request<T>): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    connection.failIfNotConnected()
    const { api, version, name, tail, timeout } = request
    const correlationId = connection.nextCorrelationId()
    const head = headOf(request, { correlationId, clientId: connection.clientId })
    connection.requestQueue.push({
      entry: {
        apiKey: api,
        apiVersion: version,
        apiName: name,
        correlationId,
        resolve: ({ payload }) => resolve(payload),
        reject,
      },
      expectResponse: true,
      requestTimeout: timeout ?? null,
      sendRequest: () => {
        const { socket } = connection
        socket?.cork()
        socket?.write(head)
        if (tail !== undefined) socket?.write(tail)
        socket?.uncork()
      },
    })
  })

/** The size of the request, its header, and what it encodes: all but its tail. */
const headOf = <T>(
  { api, version, encode, tail }: Request<T>,
  { correlationId, clientId }: { correlationId: number; clientId: string },
): Buffer => {
  const body = new Encoder().writeInt32(0).writeInt16(api).writeInt16(version)
  encode(body.writeInt32(correlationId).writeString(clientId))
  const head = body.buffer
  head.writeInt32BE(head.length - sizeLength + (tail?.length ?? 0))
  return head
}

const nothing = () => undefined
/** kafkajs wants a logger; all that it would say is in the faults. */
const silent = {
  namespace: (): object => silent,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
}
