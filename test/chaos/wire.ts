import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** The Kafka protocol, as much of it as a witness needs. It shares nothing with runtime/kafka. */

/** Bytes of a request, made of its fields. */
export const int8 = (value: number): Buffer => Buffer.from([value & 255])

const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

export const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

export const int64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}

export const string = (value: string): Buffer =>
  Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)])

export const array = (items: readonly Buffer[]): Buffer => Buffer.concat([int32(items.length), ...items])

/** Reads the fields of an answer, or of a record, one after the other. */
export class Cursor {
  readonly bytes: Buffer
  at: number
  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  int8(): number {
    return this.bytes.readInt8(this.#step(1))
  }
  int16(): number {
    return this.bytes.readInt16BE(this.#step(2))
  }
  int32(): number {
    return this.bytes.readInt32BE(this.#step(4))
  }
  int64(): number {
    return Number(this.bytes.readBigInt64BE(this.#step(8)))
  }
  /** Zigzag, base 128, the least significant group first. */
  varint(): number {
    let raw = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.bytes.readUInt8(this.#step(1))
      raw += (byte & 127) * factor
      if (byte < 128) return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
    }
  }
  string(): string | undefined {
    return this.take(this.int16())?.toString()
  }
  /** Undefined for a negative length, which means null. */
  take(length: number): Buffer | undefined {
    if (length < 0) return undefined
    const from = this.#step(length)
    return this.bytes.subarray(from, from + length)
  }
  array<T>(item: () => T): T[] {
    return Array.from({ length: Math.max(0, this.int32()) }, item)
  }

  #step(length: number): number {
    const from = this.at
    this.at += length
    return from
  }
}

/** A connection to one broker. */
export interface Wire {
  /** Sends a request and gives a cursor at the body of its answer. Rejects when the connection ends. */
  send(request: { api: number; version: number; body: Buffer }): Promise<Cursor>
  close(): void
}

/** How long an answer is waited for, in milliseconds. */
const patience = 30_000

interface Waiting {
  resolve: (answer: Cursor) => void
  reject: (error: Error) => void
}

export const openWire = async (address: string): Promise<Wire> => {
  const colon = address.lastIndexOf(':')
  const socket = connect(Number(address.slice(colon + 1)), address.slice(0, colon))
  const waiting = new Map<number, Waiting>()
  const end = (error: Error): void => {
    socket.destroy()
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  socket.on('error', end)
  socket.on('close', () => end(new Error(`the connection to ${address} ended`)))
  socket.on(
    'data',
    frames((frame) => {
      waiting.get(frame.readInt32BE(0))?.resolve(new Cursor(frame, 4))
      waiting.delete(frame.readInt32BE(0))
    }),
  )
  await once(socket, 'connect')
  let correlation = 0
  return {
    send: ({ api, version, body }) => {
      correlation += 1
      write(socket, [int16(api), int16(version), int32(correlation), string('witness'), body])
      const id = correlation
      return answered(waiting, id, () => end(new Error(`no answer of ${address} to API ${api}`)))
    },
    close: () => end(new Error('closed')),
  }
}

const write = (socket: Socket, parts: readonly Buffer[]): void => {
  const frame = Buffer.concat(parts)
  socket.write(Buffer.concat([int32(frame.length), frame]))
}

const answered = async (waiting: Map<number, Waiting>, id: number, tooLate: () => void): Promise<Cursor> => {
  const { promise, resolve, reject } = Promise.withResolvers<Cursor>()
  waiting.set(id, { resolve, reject })
  const timer = setTimeout(tooLate, patience)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
  }
}

/** Cuts a stream of bytes into frames: each has its size in four bytes before it. */
export const frames = (take: (frame: Buffer) => void): ((bytes: Buffer) => void) => {
  let chunks: Buffer[] = []
  let length = 0
  return (bytes) => {
    chunks.push(bytes)
    length += bytes.length
    if (length < 4) return
    let all = chunks.length === 1 ? bytes : Buffer.concat(chunks)
    while (all.length >= 4 && all.length >= 4 + all.readInt32BE(0)) {
      const size = all.readInt32BE(0)
      take(all.subarray(4, 4 + size))
      all = all.subarray(4 + size)
    }
    chunks = [all]
    length = all.length
  }
}
