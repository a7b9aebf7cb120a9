import * as at from './layout.ts'

/** What the kernel has read, by row. */
export interface Columns {
  /** Milliseconds since the epoch. */
  readonly times: Float64Array
  /** Hashes, two words each: high and low. */
  readonly users: Int32Array
  readonly sessions: Int32Array
  /** From the base offset of the batch on. */
  readonly offsets: Int32Array
  /** From the place on that the rows tell. */
  readonly places: Int32Array
  /** Milliseconds. */
  readonly durations: Int32Array
  /** Numbers of names. */
  readonly eventTypes: Int32Array
  readonly pages: Int32Array
  readonly referrers: Int32Array
  readonly devices: Int32Array
  /** Of a record that is not plain: the template that was followed furthest, -1 when there is none. */
  readonly templateNumbers: Int32Array
  /** How many of its values are plain, and where the next one begins, counted as the places. */
  readonly valuesRead: Int32Array
  readonly valuePlaces: Int32Array
}

/** The columns in a kernel's memory. */
export const columnsIn = (memory: ArrayBuffer): Columns => {
  const address = (column: number): number => at.rowsAt + column * at.columnBytes
  const words = (column: number) => new Int32Array(memory, address(column), at.mostRows)
  const pairs = (column: number) => new Int32Array(memory, address(column), 2 * at.mostRows)
  return {
    times: new Float64Array(memory, address(at.timeColumn), at.mostRows),
    users: pairs(at.userColumn),
    sessions: pairs(at.sessionColumn),
    offsets: words(at.offsetColumn),
    places: words(at.placeColumn),
    durations: words(at.durationColumn),
    eventTypes: words(at.typeColumn),
    pages: words(at.pageColumn),
    referrers: words(at.referrerColumn),
    devices: words(at.deviceColumn),
    templateNumbers: words(at.templateColumn),
    valuesRead: words(at.valuesColumn),
    valuePlaces: words(at.valueAtColumn),
  }
}
