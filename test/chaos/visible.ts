import { Cursor } from './wire.ts'

/** A record that readers of committed records see. */
export interface Seen {
  partition: number
  offset: number
  key: string | undefined
  value: Buffer | undefined
  headers: Record<string, string>
  /** When the witness took it, milliseconds since the epoch. */
  at: number
}

interface Bounds {
  start: number
  stable: number
  high: number
}

/** What is known of a partition: it is given fetch after fetch and tells what became visible. */
export interface PartitionLog {
  readonly partition: number
  /** The offset to fetch next. */
  readonly next: number
  readonly edge: Bounds
  take(fetched: { code: number; edge: Bounds; records: Buffer }): Seen[]
}

const outOfRange = 1

/** Records of a transaction become visible by its mark, in the order of the log within their transaction. */
export const newPartitionLog = (partition: number): PartitionLog => {
  const open = new Map<bigint, Seen[]>()
  let next = 0
  let edge: Bounds = { start: 0, stable: 0, high: Infinity }
  return {
    partition,
    get next() {
      return next
    },
    get edge() {
      return edge
    },
    take({ code, edge: found, records }) {
      if (code === outOfRange) throw new Error(`offset ${next} of partition ${partition} is gone`)
      if (code !== 0) throw new Error(`partition ${partition} was not read: error ${code}`)
      edge = found
      const seen: Seen[] = []
      for (const batch of batches(records)) {
        if (batch.last < next) continue
        next = batch.last + 1
        if (batch.control) {
          const pending = open.get(batch.producer) ?? []
          open.delete(batch.producer)
          if (batch.commits) seen.push(...pending)
          continue
        }
        const shown = recordsOf(batch, partition)
        if (batch.transactional) open.set(batch.producer, [...(open.get(batch.producer) ?? []), ...shown])
        else seen.push(...shown)
      }
      return seen
    },
  }
}

interface Batch {
  base: number
  last: number
  producer: bigint
  transactional: boolean
  control: boolean
  /** Of a control batch: whether it says commit. */
  commits: boolean
  count: number
  body: Buffer
}

/** The complete batches of a fetch (https://kafka.apache.org/documentation/#recordbatch). */
function* batches(bytes: Buffer): Generator<Batch> {
  for (let from = 0; from + 61 <= bytes.length;) {
    const length = 12 + bytes.readInt32BE(from + 8)
    if (from + length > bytes.length) return
    const attributes = bytes.readInt16BE(from + 21)
    if ((attributes & 7) !== 0) throw new Error('the witness reads no compressed batches')
    const base = Number(bytes.readBigInt64BE(from))
    const control = (attributes & 32) !== 0
    const body = bytes.subarray(from + 61, from + length)
    yield {
      base,
      last: base + bytes.readInt32BE(from + 23),
      producer: bytes.readBigInt64BE(from + 43),
      transactional: (attributes & 16) !== 0,
      control,
      commits: control && marksCommit(body),
      count: bytes.readInt32BE(from + 57),
      body,
    }
    from += length
  }
}

/** The key of a mark is its version and its type, two bytes each; type 1 is commit. */
const marksCommit = (body: Buffer): boolean => {
  const cursor = new Cursor(body)
  cursor.varint()
  cursor.int8()
  cursor.varint()
  cursor.varint()
  return cursor.take(cursor.varint())?.readInt16BE(2) === 1
}

const recordsOf = ({ base, count, body }: Batch, partition: number): Seen[] => {
  const cursor = new Cursor(body)
  const at = Date.now()
  return Array.from({ length: count }, () => {
    const end = cursor.varint() + cursor.at
    cursor.int8()
    cursor.varint()
    const offset = base + cursor.varint()
    const key = cursor.take(cursor.varint())?.toString()
    const value = cursor.take(cursor.varint())
    const headers: Record<string, string> = {}
    for (let left = cursor.varint(); left > 0; left -= 1) {
      const name = cursor.take(cursor.varint())?.toString() ?? ''
      headers[name] = cursor.take(cursor.varint())?.toString() ?? ''
    }
    cursor.at = end
    return { partition, offset, key, value, headers, at }
  })
}
