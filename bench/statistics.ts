/** The middle one of the numbers, the mean of the two middle ones of an even count; NaN of none. */
export const median = (numbers: readonly number[]): number => {
  const sorted = numbers.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  const upper = sorted[half] ?? NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2
}

/** Three significant digits at most, thousands apart: 1,234,000, 56.7, 0.034. */
export const figure = (value: number): string =>
  Number.isFinite(value)
    ? Number(value.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 4 })
    : 'unknown'

/** The least and the greatest, as `3–5`. */
export const spread = (numbers: readonly number[], scale = 1): string =>
  numbers.length === 0
    ? ''
    : `${figure(Math.min(...numbers) * scale)}–${figure(Math.max(...numbers) * scale)}`
