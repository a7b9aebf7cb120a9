const parts = /^(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/

/** CEL: whether `path` is written as a duration in hours, minutes and whole seconds, in Go's syntax. */
export const isDurationCel = (path: string): string =>
  `(${path}.matches('^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$') && ${path}.size() > 0)`

/** Milliseconds of a duration such as `90s`, `5m` or `1h30m`; undefined when it is not one. */
export const milliseconds = (text: string): number | undefined => {
  const match = parts.exec(text)
  if (match === null || text === '') return undefined
  const [hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((digits) => Number(digits ?? 0))
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000
}

/** The duration as text in its greatest units: `1h30m`. Milliseconds below a second are dropped. */
export const durationText = (ms: number): string => {
  const seconds = Math.floor(ms / 1_000)
  const units = [
    [Math.floor(seconds / 3_600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const
  const text = units.map(([amount, unit]) => (amount > 0 ? `${amount}${unit}` : '')).join('')
  return text === '' ? '0s' : text
}
