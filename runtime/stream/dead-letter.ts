import type { LogRecord, Message } from '../roles/log.ts'
import type { Reason } from '../scan/reasons.ts'

/**
 * Bytes of key, value and headers together: what a broker takes by default in a batch (1,048,588), less the frame.
 * A dead letter is longer than its event by its headers; one that did not fit would stop the partition for good.
 */
const mostBytes = 1_048_000
/** Bytes of a key that are kept: keys are ids. */
const mostKeyBytes = 65_536

/** An event that is not counted, and why. */
export interface Refusal {
  reason: Reason
  detail: string
  topic: string
  partition: number
}

/** Bytes of all headers, at most: no character has more than three bytes for each of its units. */
const headerBytes = ({ reason, detail, topic }: Refusal): number =>
  3 * (reason.length + detail.length + topic.length) + otherHeaderBytes
/** Numbers, names, and lengths. */
const otherHeaderBytes = 256

const cut = (bytes: Uint8Array | null, most: number): Uint8Array | null => {
  if (bytes === null) return null
  return Buffer.from(bytes.length <= most ? bytes : bytes.subarray(0, Math.max(0, most)))
}

/**
 * The dead letter of a record: key and value as they came, and in the headers why and where from. What is too long
 * for a broker's default is cut, and the header `truncated` says how many bytes the value had. Its time is that of
 * writing: the event's own could be one that brokers refuse.
 */
export const deadLetter = (record: LogRecord, refusal: Refusal): Message => {
  const { value } = record
  const headers: Record<string, string> = {
    reason: refusal.reason,
    detail: refusal.detail,
    topic: refusal.topic,
    partition: String(refusal.partition),
    offset: String(record.offset),
  }
  const keptKey = cut(record.key, mostKeyBytes)
  const room = mostBytes - headerBytes(refusal) - (keptKey?.length ?? 0)
  if (value !== null && value.length > room) headers['truncated'] = String(value.length)
  return { key: keptKey, value: cut(value, room), headers }
}

/** Dead letters that are not written yet. */
export class DeadLetters {
  #letters: Message[] = []
  #bytes = 0

  get count(): number {
    return this.#letters.length
  }

  /** Of keys and values. */
  get bytes(): number {
    return this.#bytes
  }

  add(letter: Message): void {
    this.#letters.push(letter)
    this.#bytes += (letter.key?.length ?? 0) + (letter.value?.length ?? 0)
  }

  /** Gives all, in their order, and forgets them. */
  take(): Message[] {
    const letters = this.#letters
    this.#letters = []
    this.#bytes = 0
    return letters
  }
}
