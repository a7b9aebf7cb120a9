import type { LogRecord, Message, Messages, Place, RecordHeaders } from '../roles/log.ts'
import type { Reason } from '../scan/reasons.ts'

/**
 * Bytes of key, value and headers together: what a broker takes by default in a batch (1,048,588), less the frame.
 * A dead letter is longer than its event by its headers; one that did not fit would stop the partition for good.
 */
const mostBytes = 1_048_000
/** Bytes of a key that are kept: keys are ids. */
const mostKeyBytes = 65_536
/** Bytes of memory that stay for further letters, and the least that is taken. */
const mostSpare = 1_048_576
const leastBytes = 4_096
/** More stays as long as a part of it is needed each time. */
const neededPart = 1 / 8
/** Letters whose places stay, too. */
const mostPlaces = 65_536

/** Why an event is not counted; one of a few objects, each made once. */
export interface Refusal {
  reason: Reason
  detail: string
}

/** What all letters of one refusal have in common. */
interface Kind {
  reason: Reason
  headers: RecordHeaders
  /** Bytes of all headers of a letter, at most. */
  headerBytes: number
}
/** There are some forty; who makes new ones again and again does not fill the memory. */
const mostKinds = 256

const kindOf = ({ reason, detail }: Refusal, { topic, partition }: Place): Kind => ({
  reason,
  headers: { reason, detail, topic, partition: String(partition) },
  // No character has more than three bytes for each of its units.
  headerBytes: 3 * (reason.length + detail.length + topic.length) + otherHeaderBytes,
})
/** Numbers, names, and lengths. */
const otherHeaderBytes = 256

const keptLength = (bytes: Uint8Array | null, most: number): number =>
  bytes === null ? -1 : Math.max(0, Math.min(bytes.length, most))

/** Numbers of each letter: its offset, where its bytes start, the lengths of key and value, -1 for none, and of the whole value. */
const numbersEach = 5

/**
 * Dead letters of a partition: key and value as they came, and in the headers why and where from. What is too long for a
 * broker's default is cut, and the header `truncated` says how many bytes the value had. Their time is that of writing:
 * the event's own could be one that brokers refuse.
 *
 * There may be many, and they wait for their commit. So their bytes lie in one piece of memory, and a message is made of
 * each only when it is looked at.
 */
export class Letters implements Messages {
  readonly #place: Place
  readonly #known = new Map<Refusal, Kind>()
  /** Of each letter, and of former ones behind them: lists that are made anew each time are what costs most. */
  #kinds: Kind[] = []
  #numbers: number[] = []
  #length = 0
  #bytes = new Uint8Array()
  #end = 0

  constructor(place: Place) {
    this.#place = place
  }

  get length(): number {
    return this.#length
  }

  /** Of keys and values. */
  get bytes(): number {
    return this.#end
  }

  /** Of each letter, in their order. */
  *reasons(): IterableIterator<Reason> {
    for (let index = 0; index < this.#length; index += 1) {
      const kind = this.#kinds[index]
      if (kind !== undefined) yield kind.reason
    }
  }

  add({ offset, key, value }: LogRecord, refusal: Refusal): void {
    const kind = this.#known.get(refusal) ?? this.#learn(refusal)
    const keyLength = keptLength(key, mostKeyBytes)
    const valueLength = keptLength(value, mostBytes - kind.headerBytes - Math.max(0, keyLength))
    const at = this.#length * numbersEach
    const numbers = this.#numbers
    numbers[at] = offset
    numbers[at + 1] = this.#end
    numbers[at + 2] = keyLength
    numbers[at + 3] = valueLength
    numbers[at + 4] = value?.length ?? 0
    this.#kinds[this.#length] = kind
    this.#length += 1
    if (key !== null) this.#keep(key, keyLength)
    if (value !== null) this.#keep(value, valueLength)
  }

  at(index: number): Message | undefined {
    const kind = index < this.#length ? this.#kinds[index] : undefined
    if (kind === undefined) return undefined
    const at = index * numbersEach
    const offset = String(this.#numbers[at])
    const start = this.#numbers[at + 1] ?? 0
    const key = this.#numbers[at + 2] ?? -1
    const value = this.#numbers[at + 3] ?? -1
    const whole = this.#numbers[at + 4] ?? 0
    return {
      key: this.#part(start, key),
      value: this.#part(start + Math.max(0, key), value),
      common: kind.headers,
      headers: value >= 0 && value < whole ? { offset, truncated: String(whole) } : { offset },
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
    if (this.#bytes.length > mostSpare && this.#end < neededPart * this.#bytes.length)
      this.#bytes = new Uint8Array()
    this.#length = 0
    this.#end = 0
  }

  #learn(refusal: Refusal): Kind {
    if (this.#known.size === mostKinds) this.#known.clear()
    const kind = kindOf(refusal, this.#place)
    this.#known.set(refusal, kind)
    return kind
  }

  #keep(bytes: Uint8Array, length: number): void {
    const end = this.#end + length
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(leastBytes, 2 * this.#bytes.length, end))
      grown.set(this.#bytes.subarray(0, this.#end))
      this.#bytes = grown
    }
    this.#bytes.set(length < bytes.length ? bytes.subarray(0, length) : bytes, this.#end)
    this.#end = end
  }

  #part(from: number, length: number): Uint8Array | null {
    return length < 0 ? null : new Uint8Array(this.#bytes.buffer, from, length)
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
