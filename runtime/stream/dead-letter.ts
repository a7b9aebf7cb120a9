import type { LogRecord, Message, Messages, Place } from '../roles/log.ts'
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

/** Why an event is not counted. */
export interface Refusal {
  reason: Reason
  detail: string
}

/** Bytes of all headers, at most: no character has more than three bytes for each of its units. */
const headerBytes = ({ reason, detail }: Refusal, topic: string): number =>
  3 * (reason.length + detail.length + topic.length) + otherHeaderBytes
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
  readonly #topic: string
  readonly #partition: string
  readonly #reasons: Reason[] = []
  readonly #details: string[] = []
  readonly #numbers: number[] = []
  #bytes = new Uint8Array()
  #end = 0

  constructor({ topic, partition }: Place) {
    this.#topic = topic
    this.#partition = String(partition)
  }

  get length(): number {
    return this.#reasons.length
  }

  /** Of keys and values. */
  get bytes(): number {
    return this.#end
  }

  /** Of each letter, in their order. */
  get reasons(): readonly Reason[] {
    return this.#reasons
  }

  add({ offset, key, value }: LogRecord, refusal: Refusal): void {
    const keyLength = keptLength(key, mostKeyBytes)
    const room = mostBytes - headerBytes(refusal, this.#topic) - Math.max(0, keyLength)
    const valueLength = keptLength(value, room)
    this.#numbers.push(offset, this.#end, keyLength, valueLength, value?.length ?? 0)
    this.#reasons.push(refusal.reason)
    this.#details.push(refusal.detail)
    if (key !== null) this.#keep(key, keyLength)
    if (value !== null) this.#keep(value, valueLength)
  }

  at(index: number): Message | undefined {
    const reason = this.#reasons[index]
    if (reason === undefined) return undefined
    const first = index * numbersEach
    const [offset, start = 0, key = -1, value = -1, whole = 0] = this.#numbers.slice(
      first,
      first + numbersEach,
    )
    const headers: Record<string, string> = {
      reason,
      detail: this.#details[index] ?? '',
      topic: this.#topic,
      partition: this.#partition,
      offset: String(offset),
    }
    if (value >= 0 && value < whole) headers['truncated'] = String(whole)
    return { key: this.#part(start, key), value: this.#part(start + Math.max(0, key), value), headers }
  }

  *[Symbol.iterator](): IterableIterator<Message> {
    for (let index = 0; index < this.length; index += 1) {
      const message = this.at(index)
      if (message !== undefined) yield message
    }
  }

  /** Takes all letters out. */
  clear(): void {
    for (const list of [this.#reasons, this.#details, this.#numbers]) list.length = 0
    if (this.#bytes.length > mostSpare) this.#bytes = new Uint8Array()
    this.#end = 0
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
