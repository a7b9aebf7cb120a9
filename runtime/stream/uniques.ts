import type { Hash } from './hash.ts'
import { estimate, mergeRegisters, observe, registerCount } from './hyperloglog.ts'

/** Distinct ids that are counted exactly; at 8 bytes each, the most that two sets may add to a partial is 256 kB. */
const exactBound = 16_384
/** Up to this size a table grows fourfold: it costs little memory, and saves inserting its ids again and again. */
const fewSlots = 4_096
const leastSlots = 32

/** Whether a hash is less than the one at the place, as unsigned numbers of eight bytes. */
const isBelow = ({ high, low }: Hash, view: DataView, at: number): boolean => {
  const upper = view.getUint32(at)
  return high >>> 0 === upper ? low >>> 0 < view.getUint32(at + 4) : high >>> 0 < upper
}

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
  #slots = new Int32Array(leastSlots)
  /** By how much the high half is shifted to tell the place. */
  #shift = shiftOf(this.#slots)
  #size = 0
  #registers: Uint8Array | undefined

  constructor(bound = exactBound) {
    this.#bound = bound
  }

  /** Takes all ids out; the table stays as large as it is. */
  clear(): void {
    if (this.#registers === undefined) this.#slots.fill(0)
    else this.#slots = new Int32Array(leastSlots)
    this.#shift = shiftOf(this.#slots)
    this.#registers = undefined
    this.#size = 0
  }

  /** False once the number is an estimate. */
  get exact(): boolean {
    return this.#registers === undefined
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

  /**
   * One byte 0 and the sorted hashes, 8 bytes each, big-endian; or one byte 1 and the registers. Sorted by insertion, as
   * only neighbours in the table are out of order, and the few that went around its end.
   */
  encode(): Uint8Array {
    if (this.#registers !== undefined) {
      const bytes = new Uint8Array(1 + registerCount).fill(1, 0, 1)
      bytes.set(this.#registers, 1)
      return bytes
    }
    const bytes = new Uint8Array(1 + 8 * this.#size)
    const view = new DataView(bytes.buffer, 1)
    let end = 0
    this.each((hash) => {
      let at = end
      for (; at > 0 && isBelow(hash, view, at - 8); at -= 8) view.setBigInt64(at, view.getBigInt64(at - 8))
      view.setInt32(at, hash.high)
      view.setInt32(at + 4, hash.low)
      end += 8
    })
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
