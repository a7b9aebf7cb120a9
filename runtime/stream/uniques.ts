import type { Hash } from './hash.ts'
import { estimate, mergeRegisters, observe, registerCount } from './hyperloglog.ts'

/** Distinct ids that are counted exactly; at 8 bytes each, the most that two sets may add to a partial is 256 kB. */
const exactBound = 16_384
/** Up to this size a table grows fourfold: it costs little memory, and saves inserting its ids again and again. */
const fewSlots = 4_096
const leastSlots = 32
/** Which half of a 64-bit number in memory is the high one: the second, on nearly all machines. */
const highHalf = new Int32Array(new BigInt64Array([1n]).buffer)[0] === 1 ? 1 : 0

const shiftOf = ({ length }: Int32Array): number => Math.clz32(length >>> 1) + 1

/**
 * The number of distinct ids, from their 64-bit hashes: an exact set up to a bound, a HyperLogLog beyond it.
 * What it holds depends on the ids alone, never on their order or on how they came together, so merging is
 * associative and commutative. The hash of all zeros stands for one more id: 1 in 2^64.
 */
export class Uniques {
  readonly #bound: number
  /**
   * Open addressing: pairs of high and low, both 0 where free. A hash's first bits tell its place, so the table is nearly
   * sorted, and tables are filled from one another from front to end.
   */
  #slots: Int32Array
  /** By how much the high half is shifted to tell the place. */
  #shift: number
  #size = 0
  #registers: Uint8Array | undefined

  /** `room` is how many ids are expected. */
  constructor(bound = exactBound, room = 0) {
    this.#bound = bound
    this.#slots = new Int32Array(Math.max(leastSlots, 2 ** Math.ceil(Math.log2(3 * Math.min(room, bound)))))
    this.#shift = shiftOf(this.#slots)
  }

  /** False once the number is an estimate. */
  get exact(): boolean {
    return this.#registers === undefined
  }

  /** The ids in the exact set, 0 without one. */
  get size(): number {
    return this.#registers === undefined ? this.#size : 0
  }

  count(): number {
    return this.#registers === undefined ? this.#size : estimate(this.#registers)
  }

  add({ high, low }: Hash): void {
    this.addWords(high, low)
  }

  /** Adds the hash of these two words. */
  addWords(high: number, low: number): void {
    if (this.#registers === undefined) this.#insert(high, low)
    else observe(this.#registers, { high, low })
  }

  merge(other: Uniques): void {
    other.each((hash) => this.add(hash))
    if (other.#registers === undefined) return
    mergeRegisters(this.#estimated(), other.#registers)
  }

  /** Shows each hash of the exact set, in no order, in an object that is used again. */
  each(visit: (hash: Hash) => void): void {
    if (this.#registers !== undefined) return
    const hash = { high: 0, low: 0 }
    for (let at = 0; at < this.#slots.length; at += 2) {
      hash.high = this.#slots[at] ?? 0
      hash.low = this.#slots[at + 1] ?? 0
      if (hash.high !== 0 || hash.low !== 0) visit(hash)
    }
  }

  /** One byte 0 and the sorted hashes, 8 bytes each, big-endian; or one byte 1 and the registers. */
  encode(): Uint8Array {
    if (this.#registers !== undefined) {
      const bytes = new Uint8Array(1 + registerCount).fill(1, 0, 1)
      bytes.set(this.#registers, 1)
      return bytes
    }
    const sorted = new BigUint64Array(this.#size)
    const halves = new Int32Array(sorted.buffer)
    let filled = 0
    this.each(({ high, low }) => {
      halves[filled + highHalf] = high
      halves[filled + 1 - highHalf] = low
      filled += 2
    })
    sorted.sort()
    const bytes = new Uint8Array(1 + 8 * this.#size)
    const view = new DataView(bytes.buffer)
    for (let at = 0; at < filled; at += 2) {
      view.setInt32(1 + 4 * at, halves[at + highHalf] ?? 0)
      view.setInt32(5 + 4 * at, halves[at + 1 - highHalf] ?? 0)
    }
    return bytes
  }

  /** Adds the ids of a set in the bytes that `encode` wrote; false, and nothing is added, when they are something else. */
  mergeEncoded(bytes: Uint8Array): boolean {
    if (bytes[0] === 1 && bytes.length === 1 + registerCount) {
      mergeRegisters(this.#estimated(), bytes.subarray(1))
      return true
    }
    if (bytes[0] !== 0 || bytes.length % 8 !== 1) return false
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (let at = 1; at < bytes.length; at += 8) this.addWords(view.getInt32(at), view.getInt32(at + 4))
    return true
  }

  #insert(high: number, low: number): void {
    const slots = this.#slots
    const mask = slots.length - 2
    const kept = high === 0 && low === 0 ? 1 : low
    let at = (high >>> this.#shift) << 1
    while (slots[at] !== 0 || slots[at + 1] !== 0) {
      if (slots[at] === high && slots[at + 1] === kept) return
      at = (at + 2) & mask
    }
    slots[at] = high
    slots[at + 1] = kept
    this.#size += 1
    if (this.#size > this.#bound) this.#estimated()
    else if (this.#size * 3 > slots.length) this.#grow()
  }

  #grow(): void {
    const slots = this.#slots
    this.#slots = new Int32Array((slots.length < fewSlots ? 4 : 2) * slots.length)
    this.#shift = shiftOf(this.#slots)
    this.#size = 0
    for (let at = 0; at < slots.length; at += 2)
      if (slots[at] !== 0 || slots[at + 1] !== 0) this.#insert(slots[at] ?? 0, slots[at + 1] ?? 0)
  }

  #estimated(): Uint8Array {
    if (this.#registers !== undefined) return this.#registers
    const registers = new Uint8Array(registerCount)
    this.each((hash) => observe(registers, hash))
    this.#registers = registers
    this.#slots = new Int32Array(0)
    return registers
  }
}
