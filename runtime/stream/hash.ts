/**
 * MurmurHash3_x86_128 by Austin Appleby (public domain, github.com/aappleby/smhasher), of which the first 64
 * bits are used. Its 32-bit lanes need no BigInt here and no wide integers in a kernel later.
 */

/** A 64-bit hash as two unsigned 32-bit numbers. */
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

/** Four bytes, little-endian; bytes past the end count as 0. */
const word = (bytes: Uint8Array, at: number): number =>
  (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)

const state = new Int32Array(4)

const lane1 = (k: number): number => Math.imul(rotate(Math.imul(k, c1), 15), c2)
const lane2 = (k: number): number => Math.imul(rotate(Math.imul(k, c2), 16), c3)
const lane3 = (k: number): number => Math.imul(rotate(Math.imul(k, c3), 17), c4)
const lane4 = (k: number): number => Math.imul(rotate(Math.imul(k, c4), 18), c1)

/** All 128 bits, as four 32-bit words in a buffer that the next call overwrites. */
export const murmur3 = (bytes: Uint8Array, seed = 0): Int32Array => {
  let [h1, h2, h3, h4] = [seed, seed, seed, seed]
  const tail = bytes.length & ~15
  for (let at = 0; at < tail; at += 16) {
    h1 = (Math.imul(rotate(h1 ^ lane1(word(bytes, at)), 19) + h2, 5) + 0x561ccd1b) | 0
    h2 = (Math.imul(rotate(h2 ^ lane2(word(bytes, at + 4)), 17) + h3, 5) + 0x0bcaa747) | 0
    h3 = (Math.imul(rotate(h3 ^ lane3(word(bytes, at + 8)), 15) + h4, 5) + 0x96cd1c35) | 0
    h4 = (Math.imul(rotate(h4 ^ lane4(word(bytes, at + 12)), 13) + h1, 5) + 0x32ac3b17) | 0
  }
  // A lane of zero bytes contributes zero, so the tail needs no cases.
  h1 ^= lane1(word(bytes, tail)) ^ bytes.length
  h2 ^= lane2(word(bytes, tail + 4)) ^ bytes.length
  h3 ^= lane3(word(bytes, tail + 8)) ^ bytes.length
  h4 ^= lane4(word(bytes, tail + 12)) ^ bytes.length
  h1 = (h1 + h2 + h3 + h4) | 0
  const [m2, m3, m4] = [mix((h2 + h1) | 0), mix((h3 + h1) | 0), mix((h4 + h1) | 0)]
  state[0] = mix(h1) + m2 + m3 + m4
  state[1] = m2 + (state[0] ?? 0)
  state[2] = m3 + (state[0] ?? 0)
  state[3] = m4 + (state[0] ?? 0)
  return state
}

/** The 64-bit hash of an id's UTF-8 bytes, written into `out`. */
export const hashInto = (out: Hash, bytes: Uint8Array): void => {
  const words = murmur3(bytes)
  out.high = (words[0] ?? 0) >>> 0
  out.low = (words[1] ?? 0) >>> 0
}
