import type { Columns } from '../kernel/columns.ts'

/** So many rows from one on. */
export interface Run {
  from: number
  count: number
}

/** What the rows of a run have in common. */
export interface Common {
  /** What is to be added to the number of a row to get its offset, from the base offset of the batch on. */
  offset: number
  /** Instants between which their times lie, both included: milliseconds since the epoch. */
  earliest: number
  latest: number
}

/** The first row that does not have it, at most the one behind the run. */
export const runEnd = (
  { times, offsets }: Columns,
  { from, count }: Run,
  { offset, earliest, latest }: Common,
): number => {
  let row = from
  for (; row < from + count; row += 1) {
    const time = times[row] ?? NaN
    if (!(time >= earliest && time <= latest) || offsets[row] !== offset + row) break
  }
  return row
}

/** The last of the times that are any; -Infinity when none is. */
export const newestIn = ({ times }: Columns, { from, count }: Run): number => {
  let newest = -Infinity
  for (let row = from; row < from + count; row += 1) {
    const time = times[row] ?? NaN
    if (time > newest) newest = time
  }
  return newest
}
