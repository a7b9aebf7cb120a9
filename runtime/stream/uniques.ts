import type { Hash } from './hash.ts'
import { type Hashes, hashesIn, pastPair } from './hashes.ts'
import { estimate, mergeRegisters, observeFrom, registerCount } from './hyperloglog.ts'
import type { Run } from './run.ts'

/** Distinct ids that are counted exactly; at 8 bytes each, the most that two sets may add to a partial is 256 kB. */
const exactBound = 16_384
const leastSlots = 32
/** Ids that wait until they come into the table: a pane with fewer events needs none. */
const mostWaiting = 1_024

/** The words of a set's hashes while they are sorted, or merged from bytes; and room for one that is none. */
const sorted = new Int32Array(2 * (exactBound + 1))

const shiftOf = ({ length }: Int32Array): number => Math.clz32(length >>> 1) + 1

const none = new Int32Array(0)
const bytesOf = (words: Int32Array, end: number): Uint8Array => new Uint8Array(words.buffer, 0, 4 * end)

/** For one hash. */
const single = new Int32Array(2)
const onlyRow: Run = { from: 0, count: 1 }

/**
 * The number of distinct ids, from their 64-bit hashes: an exact set up to a bound, a HyperLogLog beyond it.
 * What it counts depends on the ids alone, never on their order or on how they came together, so merging is
 * associative and commutative. The hash of all zeros, one of 2^64, is none.
 */
export class Uniques {
  readonly #bound: number
  /**
   * Open addressing: pairs of high and low, both 0 where free. A hash's first bits tell its place, so the table is nearly
   * sorted, and tables are filled from one another from front to end.
   */
  #slots = new Int32Array(leastSlots)
  /** By how much the high half is shifted to tell the place. */
  #shift = shiftOf(this.#slots)
  #size = 0
  #registers: Uint8Array | undefined
  /** Ids as they came, some perhaps twice, that are not in the table yet; and the end of their words. */
  #waiting = none
  #waitingEnd = 0

  constructor(bound = exactBound) {
    this.#bound = bound
  }

  /** Takes all ids out; the table stays as large as it is. */
  clear(): void {
    if (this.#registers !== undefined) this.#slots = new Int32Array(leastSlots)
    else if (this.#size > 0) this.#slots.fill(0)
    this.#shift = shiftOf(this.#slots)
    this.#registers = undefined
    this.#size = 0
    this.#waitingEnd = 0
  }

  /** What it takes of memory, ids or not. */
  get bytes(): number {
    return this.#slots.byteLength + this.#waiting.byteLength + (this.#registers?.length ?? 0)
  }

  /** False once the number is an estimate. */
  get exact(): boolean {
    this.#settle()
    return this.#registers === undefined
  }

  count(): number {
    this.#settle()
    return this.#registers === undefined ? this.#size : estimate(this.#registers)
  }

  add({ high, low }: Hash): void {
    single[0] = high
    single[1] = low
    this.addColumn(single, onlyRow)
  }

  /** Adds the hashes of rows, in pairs: the high word and the low one. */
  addColumn(column: Int32Array, { from, count }: Run): void {
    if (this.#waiting.length < 2 * mostWaiting) this.#widen(2 * count)
    const waiting = this.#waiting
    let to = this.#waitingEnd
    for (let at = 2 * from; at < 2 * (from + count); at += 2) {
      const high = column[at] ?? 0
      const low = column[at + 1] ?? 0
      waiting[to] = high
      waiting[to + 1] = low
      to += pastPair(high | low)
      if (to < waiting.length) continue
      this.#waitingEnd = to
      this.#settle()
      to = 0
    }
    this.#waitingEnd = to
  }

  /** Makes room for so many more words to wait. */
  #widen(more: number): void {
    const { length } = this.#waiting
    if (this.#waitingEnd + more < length) return
    const wider = new Int32Array(Math.min(2 * mostWaiting, Math.max(leastSlots, 2 * length, 2 * more)))
    wider.set(this.#waiting)
    this.#waiting = wider
  }

  merge(other: Uniques): void {
    other.#settle()
    if (other.#registers === undefined) this.#addAll(hashesIn(other.#slots), other.#size)
    else mergeRegisters(this.#estimated(), other.#registers)
  }

  /** Bytes that `encodeInto` writes. */
  encodedLength(): number {
    if (this.#isList) return 1 + 4 * this.#waitingEnd
    this.#settle()
    return 1 + (this.#registers === undefined ? 8 * this.#size : registerCount)
  }

  /**
   * Writes one byte 0 and the hashes, two words each, little-endian: all that came when they were few, else each once,
   * ascending; or one byte 1 and the registers.
   */
  encodeInto(bytes: Uint8Array, at: number): void {
    if (!this.#isList) this.#settle()
    const ids = this.#isList ? bytesOf(this.#waiting, this.#waitingEnd) : this.#registers
    bytes.set(ids ?? this.#sorted(), at + 1)
    bytes[at] = this.#registers === undefined ? 0 : 1
  }

  /** Adds the ids of a set in the bytes that `encodeInto` wrote; false, and nothing is added, when they are something else. */
  mergeEncoded(bytes: Uint8Array): boolean {
    if (bytes[0] === 1 && bytes.length === 1 + registerCount) {
      mergeRegisters(this.#estimated(), bytes.subarray(1))
      return true
    }
    const count = (bytes.length - 1) / 8
    if (bytes[0] !== 0 || !Number.isInteger(count) || count > exactBound) return false
    new Uint8Array(sorted.buffer).set(bytes.subarray(1))
    this.#addAll({ words: sorted, end: 2 * count }, count)
    return true
  }

  get #isList(): boolean {
    return this.#size === 0 && this.#registers === undefined
  }

  /** Brings what waits into the table. */
  #settle(): void {
    if (this.#waitingEnd === 0) return
    const waiting = { words: this.#waiting, end: this.#waitingEnd }
    this.#waitingEnd = 0
    this.#addAll(waiting, 0)
  }

  /** Adds hashes. For so many there must be room before if they ascend: in a smaller table the first ones would lie in a heap. */
  #addAll(hashes: Hashes, ascending: number): void {
    if (this.#registers === undefined && ascending <= this.#bound) this.#reserve(ascending)
    const rest = this.#registers === undefined ? this.#insert(hashes) : 0
    if (this.#registers !== undefined) observeFrom(rest, this.#registers, hashes)
  }

  /** The bytes of the hashes, which ascend as unsigned numbers: sorted by insertion, as they are nearly in order. */
  #sorted(): Uint8Array {
    const end = this.#take()
    for (let from = 2; from < end; from += 2) {
      const high = sorted[from] ?? 0
      const low = sorted[from + 1] ?? 0
      let at = from
      for (; at > 0; at -= 2) {
        const upper = sorted[at - 2] ?? 0
        const lower = sorted[at - 1] ?? 0
        if (high === upper ? low >>> 0 > lower >>> 0 : high >>> 0 > upper >>> 0) break
        sorted[at] = upper
        sorted[at + 1] = lower
      }
      sorted[at] = high
      sorted[at + 1] = low
    }
    return bytesOf(sorted, end)
  }

  /** Copies the taken slots to `sorted`, and gives their end. */
  #take(): number {
    const slots = this.#slots
    let end = 0
    for (let slot = 0; slot < slots.length; slot += 2) {
      const high = slots[slot] ?? 0
      const low = slots[slot + 1] ?? 0
      sorted[end] = high
      sorted[end + 1] = low
      end += pastPair(high | low)
    }
    return end
  }

  /** Inserts hashes as long as the set is exact; gives the place behind the last one. */
  #insert({ words, end }: Hashes): number {
    let slots = this.#slots
    let shift = this.#shift
    for (let at = 0; at < end; at += 2) {
      const high = words[at] ?? 0
      const low = words[at + 1] ?? 0
      if (high === 0 && low === 0) continue
      let slot = (high >>> shift) << 1
      let upper = slots[slot]
      let lower = slots[slot + 1]
      while ((upper !== high || lower !== low) && (upper !== 0 || lower !== 0)) {
        slot = (slot + 2) & (slots.length - 2)
        upper = slots[slot]
        lower = slots[slot + 1]
      }
      if (upper === high && lower === low) continue
      slots[slot] = high
      slots[slot + 1] = low
      this.#size += 1
      if (this.#size > this.#bound) {
        this.#estimated()
        return at + 2
      }
      if (this.#size * 3 < slots.length) continue
      this.#reserve(this.#size)
      slots = this.#slots
      shift = this.#shift
    }
    return end
  }

  /** Makes the table large enough for so many ids: at most two thirds of it are taken. */
  #reserve(ids: number): void {
    const slots = this.#slots
    let length = slots.length
    while (ids * 3 >= length) length *= 2
    if (length === slots.length) return
    this.#slots = new Int32Array(length)
    this.#shift = shiftOf(this.#slots)
    this.#size = 0
    this.#insert(hashesIn(slots))
  }

  #estimated(): Uint8Array {
    if (this.#registers !== undefined) return this.#registers
    const registers = new Uint8Array(registerCount)
    observeFrom(0, registers, hashesIn(this.#slots))
    this.#registers = registers
    this.#slots = new Int32Array(0)
    return registers
  }
}
