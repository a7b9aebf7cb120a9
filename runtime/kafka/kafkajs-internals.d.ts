/** The parts of kafkajs 2.2.4 that we use and that it does not type. */

declare module 'kafkajs/src/protocol/encoder.js' {
  export default class Encoder {
    buf: Buffer
    readonly buffer: Buffer
    writeInt8(value: number): this
    writeInt16(value: number): this
    writeInt32(value: number): this
    writeInt64(value: number | bigint): this
    writeBoolean(value: boolean): this
    writeString(value: string | null): this
    writeBytes(value: Buffer | null): this
    writeBuffer(value: Buffer): this
    writeUVarInt(value: number): this
    writeUVarIntString(value: string | null): this
  }
}

declare module 'kafkajs/src/protocol/decoder.js' {
  export default class Decoder {
    constructor(bytes: Buffer)
    buffer: Buffer
    offset: number
    readInt8(): number
    readInt16(): number
    readInt32(): number
    readInt64(): bigint
    readBoolean(): boolean
    readString(): string | null
    readBytes(): Buffer | null
    readUVarInt(): number
    readUVarIntString(): string | null
    readArray<T>(item: (body: this) => T): T[]
  }
}

declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    pending: unknown[]
    inflight: Map<number, { sentAt: number; requestTimeout: number; timeoutRequest: () => void }>
    enforceRequestTimeout: boolean
    requestTimeoutIntervalId: NodeJS.Timeout
    isConnected: () => boolean
    destroy(): void
    scheduleRequestTimeoutCheck: (this: RequestQueue) => void
    scheduleCheckPendingRequests: (this: RequestQueue) => void
    rejectAll(error: Error): void
    push(request: {
      entry: {
        apiKey: number
        apiName: string
        apiVersion: number
        correlationId: number
        resolve: (answer: { payload: Buffer }) => void
        reject: (error: Error) => void
      }
      expectResponse: boolean
      requestTimeout: number | null
      sendRequest: () => void
    }): void
  }
}

declare module 'kafkajs/src/network/connectionPool.js' {
  import type { Socket } from 'node:net'
  import type RequestQueue from 'kafkajs/src/network/requestQueue/index.js'
  import type { ISocketFactory } from 'kafkajs'

  export interface Connection {
    requestQueue: RequestQueue
    socket?: Socket
    /** What arrived of an answer so far. */
    chunks: Buffer[]
    bytesBuffered: number
    isConnected(): boolean
    disconnect(): Promise<unknown>
    clientId: string
    nextCorrelationId(): number
    /** Throws when it is not connected. */
    failIfNotConnected(): void
  }

  export default class ConnectionPool {
    constructor(options: {
      host: string
      port: number
      clientId: string
      connectionTimeout: number
      requestTimeout: number
      enforceRequestTimeout: boolean
      socketFactory: ISocketFactory
      logger: object
    })
    pool: Connection[]
    getConnection(): Promise<Connection>
  }
}

declare module 'kafkajs/src/broker/index.js' {
  import type ConnectionPool from 'kafkajs/src/network/connectionPool.js'

  export default class Broker {
    constructor(options: { connectionPool: ConnectionPool; logger: object })
    /** By API key, once connected. */
    versions: Record<number, { minVersion: number; maxVersion: number }> | null
    connect(): Promise<void>
  }
}

declare module 'kafkajs/src/network/socketFactory.js' {
  import type { ISocketFactory } from 'kafkajs'

  export default function socketFactory(): ISocketFactory
}

declare module 'kafkajs/src/protocol/recordBatch/v0/decoder.js' {
  import type Decoder from 'kafkajs/src/protocol/decoder.js'

  export default function decode(body: Decoder): Promise<{
    producerId: string
    producerEpoch: number
    firstSequence: number
    inTransaction: boolean
    records: { headers: Record<string, Buffer> }[]
  }>
}
