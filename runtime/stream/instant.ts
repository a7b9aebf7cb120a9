const shape = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:Z|\+00:00)$/

/**
 * Whole milliseconds since the epoch of an ISO 8601 instant in UTC: `Z` or `+00:00`, up to nine fractional
 * digits (finer ones than milliseconds are cut). Undefined when the text is no such instant. No leap seconds.
 */
export const parseInstant = (text: string): number | undefined => {
  const match = shape.exec(text)
  if (match === null) return undefined
  const part = (index: number): number => Number(match[index])
  const [day, hour, minute, second] = [part(3), part(4), part(5), part(6)]
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const milliseconds = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3))
  const instant = Date.UTC(part(1), part(2) - 1, day, hour, minute, second, milliseconds)
  // A day or month that does not exist rolls over into another month, and a year before 100 into the last century.
  const date = new Date(instant)
  const isSame =
    date.getUTCDate() === day && date.getUTCMonth() === part(2) - 1 && date.getUTCFullYear() === part(1)
  return isSame ? instant : undefined
}

/** `2026-01-31T23:59:00.000Z` for milliseconds since the epoch. */
export const renderInstant = (milliseconds: number): string => new Date(milliseconds).toISOString()
