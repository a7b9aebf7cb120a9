/**
 * Makes a long message as short as `lagBytes`, without changing its CRC-32C. After S. Russell, "Chorba: A novel CRC32
 * implementation", 2024 (arXiv:2412.16398): a polynomial that the generator divides changes no remainder, so where it has
 * few terms, adding it clears the beginning of a message at the cost of a few additions further on. With y for the shift by
 * a word of 16 bytes the generator 0x11EDC6F41 divides
 *
 *     y^209 + y^144 + y^54 + y^39 + y^14 + 1
 *
 * which is the shortest one of six terms; there is none of four below y^4096. So each word goes into those that come 65,
 * 155, 170, 195 and 209 words later.
 */
import { clearedAt, clearedEnd, lagBytes, shortAt } from '../layout'

/** What goes into the word `lagBytes` after the address. */
function pulled(at: usize): v128 {
  const near = v128.xor(v128.load(at, (209 - 65) * 16), v128.load(at, (209 - 155) * 16))
  const far = v128.xor(v128.load(at, (209 - 170) * 16), v128.load(at, (209 - 195) * 16))
  return v128.xor(v128.xor(near, far), v128.load(at))
}

/** Shortens so many words, more than the lag; what is left of them lies at `shortAt`, the first state of the sum in it. */
export function shorten(from: usize, words: u32): void {
  const end = from + ((words as usize) << 4) - lagBytes
  const stopAt: usize = clearedEnd - lagBytes
  let at = from
  let done: usize = clearedAt
  memory.fill(done, 0, lagBytes)
  v128.store(done, v128.xor(v128.load(at), i32x4(-1, 0, 0, 0)), lagBytes)
  at += 16
  done += 16
  while (at < end) {
    const stop = at + min<usize>(end - at, stopAt - done)
    for (; at < stop; at += 16, done += 16) v128.store(done, v128.xor(v128.load(at), pulled(done)), lagBytes)
    memory.copy(clearedAt, done, lagBytes)
    done = clearedAt
  }
  // The last words are not cleared: what comes after them takes nothing from them.
  memory.fill(done + lagBytes, 0, lagBytes)
  const last = at + lagBytes
  for (let out: usize = shortAt; at < last; at += 16, done += 16, out += 16)
    v128.store(out, v128.xor(v128.load(at), pulled(done)))
}
