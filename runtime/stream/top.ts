import type { Counter } from './counter.ts'

/** A name and its count. */
export type Ranked = readonly [name: string, count: number]

/** The name that stands for all names without a place of their own. */
const otherName = '__other__'

const byCountThenName = (a: Ranked, b: Ranked): number => {
  if (a[1] !== b[1]) return b[1] - a[1]
  if (a[0] === b[0]) return 0
  return a[0] < b[0] ? -1 : 1
}

/** The `most` names with the highest counts, ties by name. What had no place of its own is no name. */
export const top = (counter: Counter, most: number): Ranked[] =>
  [...counter.entries()].sort(byCountThenName).slice(0, most)

/**
 * All names, highest count first, and what is left of them after `most` under `__other__` at the end: the counts
 * add up to the events.
 */
export const listed = (counter: Counter, most: number): { ranks: Ranked[]; cut: boolean } => {
  const ranked = [...counter.entries()].sort(byCountThenName)
  const ranks = ranked.slice(0, most).filter(([name]) => name !== otherName)
  const shown = ranks.reduce((sum, [, count]) => sum + count, 0)
  const all = ranked.reduce((sum, [, count]) => sum + count, counter.others)
  if (all > shown) ranks.push([otherName, all - shown])
  return { ranks, cut: ranked.length > most || counter.overflow }
}
