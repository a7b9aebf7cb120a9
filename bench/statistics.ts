/** The middle one of the numbers, the mean of the two middle ones of an even count; NaN of none. */
export const median = (numbers: readonly number[]): number => {
  const sorted = numbers.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  const upper = sorted[half] ?? NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2
}

/** Three significant digits at most, thousands apart: 1,230,000, 56.7, 0.034. */
export const figure = (value: number): string =>
  Number.isFinite(value)
    ? Number(value.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 4 })
    : 'unknown'

/** The least and the greatest, as `3–5`. */
export const spread = (numbers: readonly number[], scale = 1): string =>
  numbers.length === 0
    ? ''
    : `${figure(Math.min(...numbers) * scale)}–${figure(Math.max(...numbers) * scale)}`

/** How far something has come at an instant. */
export interface Point {
  /** Seconds. */
  at: number
  count: number
}

/** Counts per second: the slope of the line through the points by least squares. */
export const slope = (points: readonly Point[]): number => {
  const mean = (of: (point: Point) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const [at, count] = [mean((point) => point.at), mean((point) => point.count)]
  const sum = (of: (point: Point) => number) => points.reduce((total, point) => total + of(point), 0)
  return sum((point) => (point.at - at) * (point.count - count)) / sum((point) => (point.at - at) ** 2)
}
