import type { Followed } from '../scan/scan.ts'
import type { Rows } from './kernel.ts'
import { rowTemplate, rowTime, rowValueAt, rowValues, rowWords, stepBytes, templateBytes } from './layout.ts'

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

  /** Shows what the words of a row say. */
  show({ words, templates, place }: Rows, at: number): this {
    const number = words[at + rowTemplate] ?? -1
    const template = templates[number]
    this.#template = number
    this.fields = template?.fields ?? nothing
    this.values = template === undefined ? 0 : (words[at + rowValues] ?? 0)
    this.at = template === undefined ? Infinity : place + (words[at + rowValueAt] ?? 0)
    return this
  }

  fits(value: number, from: number, end: number): boolean {
    return this.#fits((this.#template * templateBytes) / stepBytes + value, from, end)
  }
}

/** How far the kernel has followed a template through the record of a row; undefined when it has read it all. */
export const followedIn = (rows: Rows, row: number): Followed | undefined => {
  const at = row * rowWords
  return Number.isNaN(rows.times[(at + rowTime) / 2]) ? rows.followed.show(rows, at) : undefined
}
