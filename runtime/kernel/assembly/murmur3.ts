/** MurmurHash3_x86_128 by Austin Appleby (public domain), its first 64 bits: see runtime/stream/hash.ts. */

const c1: u32 = 0x239b961b
const c2: u32 = 0xab0e9789
const c3: u32 = 0x38b34ae5
const c4: u32 = 0xa1e38b93

function mix(value: u32): u32 {
  let h = value
  h = (h ^ (h >> 16)) * 0x85ebca6b
  h = (h ^ (h >> 13)) * 0xc2b2ae35
  return h ^ (h >> 16)
}

/** Writes the hash of the bytes as two words, the high one first. */
export function hashInto(out: usize, from: usize, length: usize): void {
  let h1: u32 = 0
  let h2: u32 = 0
  let h3: u32 = 0
  let h4: u32 = 0
  const tail = from + (length & ~15)
  let at = from
  for (; at < tail; at += 16) {
    h1 = (rotl<u32>(h1 ^ (rotl<u32>(load<u32>(at) * c1, 15) * c2), 19) + h2) * 5 + 0x561ccd1b
    h2 = (rotl<u32>(h2 ^ (rotl<u32>(load<u32>(at, 4) * c2, 16) * c3), 17) + h3) * 5 + 0x0bcaa747
    h3 = (rotl<u32>(h3 ^ (rotl<u32>(load<u32>(at, 8) * c3, 17) * c4), 15) + h4) * 5 + 0x96cd1c35
    h4 = (rotl<u32>(h4 ^ (rotl<u32>(load<u32>(at, 12) * c4, 18) * c1), 13) + h1) * 5 + 0x32ac3b17
  }
  // A lane of zero bytes contributes zero, so the tail needs no cases.
  const left = (length & 15) as u64
  const low = masked(load<u64>(at), left)
  const high = left > 8 ? masked(load<u64>(at, 8), left - 8) : 0
  const size = length as u32
  h1 ^= (rotl<u32>((low as u32) * c1, 15) * c2) ^ size
  h2 ^= (rotl<u32>(((low >> 32) as u32) * c2, 16) * c3) ^ size
  h3 ^= (rotl<u32>((high as u32) * c3, 17) * c4) ^ size
  h4 ^= (rotl<u32>(((high >> 32) as u32) * c4, 18) * c1) ^ size
  h1 = h1 + h2 + h3 + h4
  const m2 = mix(h2 + h1)
  const m1 = mix(h1) + m2 + mix(h3 + h1) + mix(h4 + h1)
  store<u32>(out, m1)
  store<u32>(out, m2 + m1, 4)
}

/** The first `left` of the eight bytes, at most all. */
function masked(bytes: u64, left: u64): u64 {
  return left >= 8 ? bytes : bytes & (((1 as u64) << (left << 3)) - 1)
}
