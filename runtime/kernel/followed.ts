import type { Followed } from '../scan/scan.ts'
import type { Rows } from './kernel.ts'
import { stepBytes, templateBytes } from './layout.ts'

const nothing: Uint8Array = new Uint8Array(0)

/** Whether a template fits from the value of this step on; places count from the first byte of the batch. */
export type Fits = (step: number, from: number, end: number) => boolean

/** How far the kernel has followed a template through a record, in an object that is used again. */
export class FollowedRow implements Followed {
  fields = nothing
  values = 0
  at = Infinity
  #template = -1
  readonly #fits: Fits

  constructor(fits: Fits) {
    this.#fits = fits
  }

  /** Shows what is known of a row. */
  show({ columns, templates, place }: Rows, row: number): this {
    const number = columns.templateNumbers[row] ?? -1
    const template = templates[number]
    this.#template = number
    this.fields = template?.fields ?? nothing
    this.values = template === undefined ? 0 : (columns.valuesRead[row] ?? 0)
    this.at = template === undefined ? Infinity : place + (columns.valuePlaces[row] ?? 0)
    return this
  }

  fits(value: number, from: number, end: number): boolean {
    return this.#fits((this.#template * templateBytes) / stepBytes + value, from, end)
  }
}

/** How far the kernel has followed a template through the record of a row; undefined when it has read it all. */
export const followedIn = (rows: Rows, row: number): Followed | undefined =>
  Number.isNaN(rows.columns.times[row]) ? rows.followed.show(rows, row) : undefined
