import { batchLimit, RecordWriter, varintSize } from '../record-writer.ts'
import type { Fields, LogRecord, Message, Messages, Place, WrittenRecords } from '../roles/log.ts'
import type { Reason } from '../scan/reasons.ts'
import { cutFields, isWhole } from './letter-fields.ts'

/** Bytes of memory that stay for further letters. */
const mostSpare = 1_048_576
/**
 * More stays until not even a part of it was needed for so many commits of its letters: floods come in bursts, and V8
 * collects its whole heap for a few megabytes of new memory, which costs more than all else about their letters.
 */
const neededPart = 1 / 8
const calmCommits = 8
/** Letters whose places stay, too. */
const mostPlaces = 65_536

/** Why an event is not counted; one of a few objects, each made once. */
export interface Refusal {
  reason: Reason
  detail: string
}

/** What all letters of one refusal have in common. */
interface Kind {
  refusal: Refusal
  /** Headers as they stand in a record, up to the value of the one that is another in each letter: the offset. */
  headers: Uint8Array
  /** Of headers, the offset with them. */
  count: number
  /** Bytes of all headers of a letter, at most. */
  headerBytes: number
  /** Of all kinds with its reason. */
  tally: { letters: number }
}
/** There are some forty; who makes new ones again and again does not fill the memory. */
const mostKinds = 256

/** Of the others, and of all numbers. */
const otherHeaderBytes = 256
/** Numbers of each letter: its offset, where key and value are, each with its length before it, the lengths, and that of the whole value. */
const numbersEach = 5

/**
 * Dead letters of a partition: key and value as they came, and in the headers why and where from. What is too long for a
 * broker's default is cut, and the header `truncated` says how many bytes the value had. Their time is that of writing:
 * the event's own could be one that brokers refuse.
 *
 * There may be many, and they wait for their commit. So each is written at once as it will stand in its batch, and a
 * message is made of it only when somebody looks at it.
 */
export class Letters implements Messages {
  readonly #place: Place
  readonly #known = new Map<Refusal, Kind>()
  readonly #tallies = new Map<Reason, Kind['tally']>()
  /** Of each letter, and of former ones behind them: lists that are made anew each time are what costs most. */
  #kinds: Kind[] = []
  #numbers: number[] = []
  #length = 0
  #writer = new RecordWriter()
  /** Commits since the memory was needed. */
  #calm = 0
  #batches: { from: number; end: number; count: number }[] = []

  constructor(place: Place) {
    this.#place = place
  }

  get length(): number {
    return this.#length
  }

  /** What they take in their batches. */
  get bytes(): number {
    return this.#writer.end
  }

  get written(): readonly WrittenRecords[] {
    const { bytes } = this.#writer
    return this.#batches.map((batch) => ({ ...batch, bytes }))
  }

  /** How many letters there are of each reason. */
  reasons(): [reason: Reason, letters: number][] {
    return [...this.#tallies].map(([reason, { letters }]) => [reason, letters])
  }

  add(record: LogRecord, refusal: Refusal): void {
    const kind = this.#known.get(refusal) ?? this.#learn(refusal)
    const { fields } = record
    if (fields !== undefined && isWhole(fields, kind.headerBytes)) this.#write(record.offset, kind, fields)
    else this.#write(record.offset, kind, cutFields(record, kind.headerBytes))
  }

  at(index: number): Message | undefined {
    const kind = index < this.#length ? this.#kinds[index] : undefined
    if (kind === undefined) return undefined
    const at = index * numbersEach
    const [offset = 0, from = 0, key = -1, value = -1, whole = -1] = this.#numbers.slice(at, at + numbersEach)
    const keyAt = from + varintSize(key)
    const valueAt = keyAt + Math.max(0, key) + varintSize(value)
    return {
      key: this.#part(keyAt, key),
      value: this.#part(valueAt, value),
      headers: {
        ...commonHeaders(kind.refusal, this.#place),
        offset: String(offset),
        ...(value < whole && { truncated: String(whole) }),
      },
    }
  }

  *[Symbol.iterator](): IterableIterator<Message> {
    for (let index = 0; index < this.length; index += 1) {
      const message = this.at(index)
      if (message !== undefined) yield message
    }
  }

  /** Takes all letters out. */
  clear(): void {
    if (this.#length > mostPlaces) {
      this.#kinds = []
      this.#numbers = []
    }
    const { bytes, end } = this.#writer
    this.#calm = bytes.length > mostSpare && end < neededPart * bytes.length ? this.#calm + 1 : 0
    if (this.#calm === calmCommits) this.#writer = new RecordWriter()
    this.#writer.end = 0
    this.#batches = []
    this.#length = 0
    for (const tally of this.#tallies.values()) tally.letters = 0
  }

  /** Writes a letter: key and value, and then the headers. */
  #write(offset: number, kind: Kind, fields: Fields & { whole?: number }): void {
    const { from, end, keyLength, valueLength, whole = valueLength } = fields
    const writer = this.#writer
    const batch = this.#batch(end - from + kind.headerBytes)
    const start = writer.begin({ time: 0, offset: batch.count }, end - from + kind.headerBytes)
    const fieldsAt = writer.end
    writer.appendPiece(fields.bytes, fields)
    const isCut = valueLength < whole
    writer.varint(kind.count + (isCut ? 1 : 0))
    writer.append(kind.headers)
    writer.digits(offset)
    if (isCut) writer.headers({ truncated: String(whole) })
    const moved = writer.finish(start)
    batch.end = writer.end
    batch.count += 1
    const numbers = this.#numbers
    const at = this.#length * numbersEach
    numbers[at] = offset
    numbers[at + 1] = fieldsAt + moved
    numbers[at + 2] = keyLength
    numbers[at + 3] = valueLength
    numbers[at + 4] = whole
    this.#kinds[this.#length] = kind
    this.#length += 1
    kind.tally.letters += 1
  }

  /** The batch that takes a letter of this size. */
  #batch(size: number): { from: number; end: number; count: number } {
    const last = this.#batches.at(-1)
    if (last !== undefined && this.#writer.end - last.from + size <= batchLimit) return last
    const from = this.#writer.beginBatch()
    const batch = { from, end: from, count: 0 }
    this.#batches.push(batch)
    return batch
  }

  #learn(refusal: Refusal): Kind {
    if (this.#known.size === mostKinds) this.#known.clear()
    const tally = this.#tallies.get(refusal.reason) ?? { letters: 0 }
    this.#tallies.set(refusal.reason, tally)
    const kind = { ...kindOf(refusal, this.#place), tally }
    this.#known.set(refusal, kind)
    return kind
  }

  #part(from: number, length: number): Uint8Array | null {
    const { buffer, byteOffset } = this.#writer.bytes
    return length < 0 ? null : new Uint8Array(buffer, byteOffset + from, length)
  }
}

const commonHeaders = ({ reason, detail }: Refusal, { topic, partition }: Place) => ({
  reason,
  detail,
  topic,
  partition: String(partition),
})

const kindOf = (refusal: Refusal, place: Place): Omit<Kind, 'tally'> => {
  const headers = commonHeaders(refusal, place)
  const writer = new RecordWriter()
  writer.headers(headers)
  writer.text('offset')
  const { end } = writer
  return {
    refusal,
    headers: new Uint8Array(writer.bytes.subarray(0, end)),
    count: Object.keys(headers).length + 1,
    headerBytes: end + otherHeaderBytes,
  }
}

/** Dead letters that are not written yet, beside those that are being written. */
export class DeadLetters {
  #waiting: Letters
  #given: Letters

  constructor(place: Place) {
    this.#waiting = new Letters(place)
    this.#given = new Letters(place)
  }

  get count(): number {
    return this.#waiting.length
  }

  /** Of keys and values. */
  get bytes(): number {
    return this.#waiting.bytes
  }

  add(record: LogRecord, refusal: Refusal): void {
    this.#waiting.add(record, refusal)
  }

  /** Gives all, in their order, and forgets them. They are valid until the next ones are taken. */
  take(): Letters {
    const taken = this.#waiting
    this.#waiting = this.#given
    this.#waiting.clear()
    this.#given = taken
    return taken
  }
}
