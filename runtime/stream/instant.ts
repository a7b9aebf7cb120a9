const leastLength = '2026-01-31T23:59:59Z'.length
const zero = 0x30
/** Days of the months of a year with a leap day. */
const days = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** The number that so many digits make; NaN when one of them is none. */
const digits = (text: string, from: number, to: number): number => {
  let value = 0
  for (let at = from; at < to; at += 1) {
    const digit = text.charCodeAt(at) - zero
    if (digit < 0 || digit > 9) return NaN
    value = 10 * value + digit
  }
  return value
}

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

/** Milliseconds of a fraction of one to nine digits behind a point; 0 without one, NaN when it is none. */
const fraction = (text: string, end: number): number => {
  const count = end - leastLength
  if (count < 0) return 0
  if (count < 1 || count > 9 || text[leastLength - 1] !== '.') return NaN
  const all = digits(text, leastLength, end)
  return Math.floor(all * 10 ** (3 - count))
}

/** Where the zone begins, which must be UTC; -1 when it is not. */
const zoneOf = (text: string): number => {
  if (text.endsWith('Z')) return text.length - 1
  return text.endsWith('+00:00') ? text.length - 6 : -1
}

/**
 * Whole milliseconds since the epoch of an ISO 8601 instant in UTC: `Z` or `+00:00`, up to nine fractional
 * digits (finer ones than milliseconds are cut). Undefined when the text is no such instant. No leap seconds.
 */
export const parseInstant = (text: string): number | undefined => {
  const end = zoneOf(text)
  if (end < leastLength - 1) return undefined
  if (text[4] !== '-' || text[7] !== '-' || text[10] !== 'T' || text[13] !== ':' || text[16] !== ':')
    return undefined
  const [year, month, day] = [digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10)]
  const [hour, minute, second] = [digits(text, 11, 13), digits(text, 14, 16), digits(text, 17, 19)]
  const milliseconds = fraction(text, end)
  const isDay = day >= 1 && day <= (days[month - 1] ?? 0) && (month !== 2 || day < 29 || isLeap(year))
  const isTime = hour <= 23 && minute <= 59 && second <= 59
  // Date.UTC takes years of one or two digits for those of the last century; nobody's events are as old.
  if (!isDay || !isTime || !(year >= 100) || Number.isNaN(milliseconds)) return undefined
  return Date.UTC(year, month - 1, day, hour, minute, second, milliseconds)
}

/** `2026-01-31T23:59:00.000Z` for milliseconds since the epoch. */
export const renderInstant = (milliseconds: number): string => new Date(milliseconds).toISOString()
