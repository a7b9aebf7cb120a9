import type { Counts } from '../stream/result.ts'

/** The name under which counts beyond a bound are summed up, here as in the panes. */
const surplus = '__other__'

/** Entries by count, highest first, then by name: the order of a JSON object's keys cannot be relied on. */
export const ranked = (counts: Counts): [name: string, count: number][] =>
  Object.entries(counts).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))

/** The `most` highest counts; what is left over is summed up under `__other__`. */
export const bounded = (counts: Counts, most: number): Counts => {
  const entries = ranked(counts).filter(([name]) => name !== surplus)
  const rest = entries.slice(most).reduce((sum, [, count]) => sum + count, counts[surplus] ?? 0)
  const kept = entries.slice(0, most)
  return Object.fromEntries(rest > 0 ? [...kept, [surplus, rest]] : kept)
}

/** How a counted name is shown. */
export const shownName = (name: string): string => (name === surplus ? 'other' : name)
