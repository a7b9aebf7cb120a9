import type { Span } from '../span.ts'

/**
 * MurmurHash3_x86_128 by Austin Appleby (public domain, github.com/aappleby/smhasher), of which the first 64
 * bits are used. Its 32-bit lanes need no BigInt here and no wide integers in a kernel later.
 */

/** A 64-bit hash as two 32-bit numbers, signed as bit operations give them. */
export interface Hash {
  high: number
  low: number
}

const c1 = 0x239b961b
const c2 = 0xab0e9789
const c3 = 0x38b34ae5
const c4 = 0xa1e38b93

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits))

const mix = (value: number): number => {
  let h = value
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** What is left of a key, at most four bytes of it, little-endian; bytes past its end count as 0. */
const word = (view: DataView, at: number, left: number): number => {
  if (left <= 0) return 0
  if (at + 4 <= view.byteLength) return view.getInt32(at, true) & (left >= 4 ? -1 : (1 << (8 * left)) - 1)
  let value = 0
  for (let byte = left - 1; byte >= 0; byte -= 1) value = (value << 8) | view.getUint8(at + byte)
  return value
}

const state = new Int32Array(4)

const lane1 = (k: number): number => Math.imul(rotate(Math.imul(k, c1), 15), c2)
const lane2 = (k: number): number => Math.imul(rotate(Math.imul(k, c2), 16), c3)
const lane3 = (k: number): number => Math.imul(rotate(Math.imul(k, c3), 17), c4)
const lane4 = (k: number): number => Math.imul(rotate(Math.imul(k, c4), 18), c1)

/** All 128 bits, as four 32-bit words in a buffer that the next call overwrites. */
export const murmur3 = ({ view, from, length }: Span, seed = 0): Int32Array => {
  let h1 = seed
  let h2 = seed
  let h3 = seed
  let h4 = seed
  const tail = from + (length & ~15)
  for (let at = from; at < tail; at += 16) {
    h1 = (Math.imul(rotate(h1 ^ lane1(view.getInt32(at, true)), 19) + h2, 5) + 0x561ccd1b) | 0
    h2 = (Math.imul(rotate(h2 ^ lane2(view.getInt32(at + 4, true)), 17) + h3, 5) + 0x0bcaa747) | 0
    h3 = (Math.imul(rotate(h3 ^ lane3(view.getInt32(at + 8, true)), 15) + h4, 5) + 0x96cd1c35) | 0
    h4 = (Math.imul(rotate(h4 ^ lane4(view.getInt32(at + 12, true)), 13) + h1, 5) + 0x32ac3b17) | 0
  }
  // A lane of zero bytes contributes zero, so the tail needs no cases.
  const left = length & 15
  h1 ^= lane1(word(view, tail, left)) ^ length
  h2 ^= lane2(word(view, tail + 4, left - 4)) ^ length
  h3 ^= lane3(word(view, tail + 8, left - 8)) ^ length
  h4 ^= lane4(word(view, tail + 12, left - 12)) ^ length
  h1 = (h1 + h2 + h3 + h4) | 0
  const m2 = mix((h2 + h1) | 0)
  const m3 = mix((h3 + h1) | 0)
  const m4 = mix((h4 + h1) | 0)
  const m1 = (mix(h1) + m2 + m3 + m4) | 0
  state[0] = m1
  state[1] = m2 + m1
  state[2] = m3 + m1
  state[3] = m4 + m1
  return state
}

/** The 64-bit hash of an id's UTF-8 bytes, written into `out`. */
export const hashInto = (out: Hash, id: Span): void => {
  const words = murmur3(id)
  out.high = words[0] ?? 0
  out.low = words[1] ?? 0
}
