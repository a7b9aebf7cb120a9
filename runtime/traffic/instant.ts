const digits = (value: number, width: number): string => String(value).padStart(width, '0')

/** `2026-01-31` of a number of days since the epoch, by Howard Hinnant's civil_from_days. */
const civil = (days: number): string => {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  const dayOfMonth = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(dayOfMonth, 2)}`
}

const toTheSecond = (seconds: number): string => {
  const days = Math.floor(seconds / 86_400)
  const rest = seconds - days * 86_400
  const time = [Math.floor(rest / 3_600), Math.floor(rest / 60) % 60, rest % 60]
  return `${civil(days)}T${time.map((part) => digits(part, 2)).join(':')}`
}

/**
 * Writes milliseconds since the epoch as `2026-01-31T23:59:59.123Z`. It remembers the last second it wrote:
 * a stream of events costs one number per event.
 */
export const instants = (): ((milliseconds: number) => string) => {
  let second = Number.NaN
  let prefix = ''
  return (milliseconds) => {
    const wanted = Math.floor(milliseconds / 1_000)
    if (wanted !== second) {
      second = wanted
      prefix = toTheSecond(wanted)
    }
    return `${prefix}.${digits(milliseconds - wanted * 1_000, 3)}Z`
  }
}
