import { digit, twoDigits } from './text'

const plus: u8 = 0x2b
const dash: u8 = 0x2d
const point: u8 = 0x2e
const colon: u8 = 0x3a
const letterT: u8 = 0x54
const letterZ: u8 = 0x5a

/** What `instant` has read: milliseconds since the epoch. */
export let instantValue: f64 = 0

/**
 * The last minute and when it begins, as events come minute after minute. It is known by the 16 bytes that name it,
 * `2026-01-31T23:59`. Before the first one it is 16 zeros, which name none.
 */
let minute: v128 = i64x2.splat(0)
let minuteStart: f64 = -1

/** An ISO 8601 instant in UTC from 1970 on: up to nine fractional digits, of which three count; `Z` or `+00:00`. */
export function instant(from: usize): usize {
  const bytes = v128.load(from)
  if (v128.any_true(v128.xor(bytes, minute))) {
    minute = bytes
    minuteStart = startOfMinute(from)
  }
  if (minuteStart < 0) return 0
  const word = load<u64>(from, 16)
  if ((word & millisecondMarks) == millisecondPattern && areDigits(word)) {
    instantValue = minuteStart + (digitOf(word, 1) * 10 + digitOf(word, 2)) * 1_000
    instantValue += digitOf(word, 4) * 100 + digitOf(word, 5) * 10 + digitOf(word, 6)
    return digitOf(word, 1) < 6 ? from + 24 : 0
  }
  const second = twoDigits(from + 17)
  if (load<u8>(from + 16) != colon || second > 59) return 0
  let at = from + 19
  let milliseconds: u32 = 0
  if (load<u8>(at) == point) {
    const digits = at + 1
    let weight: u32 = 100
    for (at = digits; at < digits + 9; at += 1) {
      const next = digit(at)
      if (next > 9) break
      milliseconds += next * weight
      weight /= 10
    }
    if (at == digits) return 0
  }
  instantValue = minuteStart + (second * 1_000 + milliseconds)
  return zone(at)
}

/** `:59.123Z` as a word, which is how most producers end an instant: its marks, and where they are. */
const millisecondPattern: u64 = 0x5a0000002e00003a
const millisecondMarks: u64 = 0xff000000ff0000ff

/** Whether there are digits where the pattern has zeros. */
function areDigits(word: u64): bool {
  // Of a digit the high half is 3, also when 6 is added to it.
  const halves: u64 = 0x00f0f0f000f0f000
  const threes: u64 = 0x0030303000303000
  return (word & halves) == threes && ((word + 0x0006060600060600) & halves) == threes
}

function digitOf(word: u64, byte: u64): u32 {
  return ((word >> (byte << 3)) as u32) & 15
}

function zone(at: usize): usize {
  if (load<u8>(at) == letterZ) return at + 1
  const isUtc =
    load<u8>(at) == plus && twoDigits(at + 1) == 0 && load<u8>(at + 3) == colon && twoDigits(at + 4) == 0
  return isUtc ? at + 6 : 0
}

/** Milliseconds since the epoch, negative when there is no such minute or it lies before 1970. */
function startOfMinute(at: usize): f64 {
  const century = twoDigits(at)
  const years = twoDigits(at + 2)
  const month = twoDigits(at + 5)
  const day = twoDigits(at + 8)
  const hour = twoDigits(at + 11)
  const minutes = twoDigits(at + 14)
  const marked =
    load<u8>(at + 4) == dash &&
    load<u8>(at + 7) == dash &&
    load<u8>(at + 10) == letterT &&
    load<u8>(at + 13) == colon
  if (!marked || century > 99 || years > 99 || month > 12 || month == 0 || hour > 23 || minutes > 59)
    return -1
  const year = century * 100 + years
  if (year < 1970 || day == 0 || day > daysIn(month, year)) return -1
  return ((dayNumber(year, month, day) as f64) * 1_440 + hour * 60 + minutes) * 60_000
}

function daysIn(month: u32, year: u32): u32 {
  if (month == 2) return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
  return 30 + ((month + (month >> 3)) & 1)
}

/** Days since the epoch, by Howard Hinnant's days_from_civil: years begin in March, so that leap days come last. */
function dayNumber(year: u32, month: u32, day: u32): i32 {
  const y = month <= 2 ? year - 1 : year
  const era = y / 400
  const yearOfEra = y % 400
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  const dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
  return ((era * 146_097 + dayOfEra) as i32) - 719_468
}
