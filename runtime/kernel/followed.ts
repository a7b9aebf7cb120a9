import type { Followed } from '../scan/scan.ts'
import type { Rows } from './kernel.ts'
import { rowTemplate, rowTime, rowValueAt, rowValues, rowWords } from './layout.ts'

const nothing: Followed = { fields: new Uint8Array(0), values: 0, at: Infinity }

/** How far the kernel has followed a template through the record of a row; undefined when it has read it all. */
export const followedIn = ({ words, times, templates, place }: Rows, row: number): Followed | undefined => {
  const at = row * rowWords
  if (!Number.isNaN(times[(at + rowTime) / 2])) return undefined
  const template = templates[words[at + rowTemplate] ?? -1]
  if (template === undefined) return nothing
  const values = words[at + rowValues] ?? 0
  return { fields: template.fields, values, at: place + (words[at + rowValueAt] ?? 0) }
}
