/**
 * Readings of values where they lie. Each gives the address after what it read, 0 when that is not plain. They may run
 * past the value into what lies behind it, so who reads asks in the end whether the address is that of the value's end.
 */

const quote: u8 = 0x22
const zero: u32 = 0x30

/** The address of the quote that ends a plain text of at most `most` bytes: no escape, no control character, ASCII. */
export function text(from: usize, most: usize): usize {
  const last = from + most
  for (let at = from; at <= last; at += 16) {
    const bytes = v128.load(at)
    // As signed numbers, bytes above ASCII are less than a space, too.
    const low = i8x16.lt_s(bytes, i8x16.splat(0x20))
    const marks = v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0x5c)))
    const stops = i8x16.bitmask(v128.or(low, marks))
    if (stops == 0) continue
    const end = at + ctz(stops)
    return load<u8>(end) == quote && end <= last ? end : 0
  }
  return 0
}

/** Whether `length` bytes are the same at both addresses. */
export function same(one: usize, other: usize, length: usize): bool {
  let left = length
  while (left >= 16) {
    if (v128.any_true(v128.xor(v128.load(one), v128.load(other)))) return false
    one += 16
    other += 16
    left -= 16
  }
  const equal = i8x16.bitmask(i8x16.eq(v128.load(one), v128.load(other)))
  const mask = (1 << (left as i32)) - 1
  return (equal & mask) == mask
}

/** Over 9 when there is no digit. */
export function digit(at: usize): u32 {
  return (load<u8>(at) as u32) - zero
}

/** The number that two digits make; 100 or more when they are none. */
export function twoDigits(at: usize): u32 {
  const tens = digit(at)
  const ones = digit(at + 1)
  return tens > 9 || ones > 9 ? 100 : tens * 10 + ones
}

/** What `whole` has read; it means nothing when that gave 0. */
export let wholeValue: i32 = 0

/**
 * A whole number of one to nine digits, without a zero in front. Up to seven are read without a loop: its end differs from
 * number to number, and a processor would guess it wrong.
 */
export function whole(from: usize): usize {
  const word = load<u64>(from) ^ 0x3030303030303030
  // A byte has its high bit here when it is no digit. Above the first such byte it may have it from a carry.
  const others = (word | (word + 0x7676767676767676)) & 0x8080808080808080
  if (others == 0) return longWhole(from)
  const digits = ctz(others) >> 3
  if (digits == 0) return 0
  // As the last ones of eight, zeros in front: then pairs, fours and eights of them are summed up.
  let value = word << (64 - (digits << 3))
  value = (value * 10 + (value >> 8)) & 0x00ff00ff00ff00ff
  value = (value * 100 + (value >> 16)) & 0x0000ffff0000ffff
  wholeValue = (value * 10_000 + (value >> 32)) as i32
  return digits > 1 && (word & 0xff) == 0 ? 0 : from + (digits as usize)
}

/** The same of a number that begins with eight digits. */
function longWhole(from: usize): usize {
  let value: u32 = 0
  let at = from
  for (; at < from + 9; at += 1) {
    const next = digit(at)
    if (next > 9) break
    value = value * 10 + next
  }
  wholeValue = value as i32
  return digit(from) == 0 ? 0 : at
}
