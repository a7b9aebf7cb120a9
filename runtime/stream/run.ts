import type { Columns } from '../kernel/columns.ts'

/** So many rows from one on. */
export interface Run {
  from: number
  count: number
}

/** What the rows of a run have in common. */
export interface Bounds {
  /** An offset, from the base offset of the batch on, less the number of its row. */
  ahead: number
  /** Both included: milliseconds since the epoch. */
  earliest: number
  latest: number
}

export const isWithin = (time: number, { earliest, latest }: Bounds): boolean =>
  time >= earliest && time <= latest

/** Whether a row is in its place in the log. */
export const isInPlace = ({ offsets }: Columns, row: number, { ahead }: Bounds): boolean =>
  offsets[row] === ahead + row

/** The first of these rows that is not within the bounds, or not in its place; the one behind them when all are. */
export const runEnd = (columns: Columns, { from, count }: Run, bounds: Bounds): number => {
  const { times } = columns
  for (let row = from; row < from + count; row += 1)
    if (!isWithin(times[row] ?? NaN, bounds) || !isInPlace(columns, row, bounds)) return row
  return from + count
}

/** The newest time of the rows. One that was not read has none. */
export const newestIn = ({ times }: Columns, { from, count }: Run): number => {
  let newest = -Infinity
  for (let row = from; row < from + count; row += 1) {
    const time = times[row] ?? NaN
    if (time > newest) newest = time
  }
  return newest
}
