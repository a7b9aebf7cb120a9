import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** docs/resilience.md, of which each suite writes its own section from the results that it keeps. */
const page = join(import.meta.dirname, '..', 'docs', 'resilience.md')

const Results = z.record(z.string(), z.object({ figures: z.string(), date: z.string() }))

/** A fault and what must be so after it. */
export interface Row {
  fault: string
  expected: string
}

export interface Section {
  /** `make` target that writes it. */
  target: 'chaos' | 'faults'
  /** File of the results. */
  kept: string
  /** All rows, in their order. */
  rows: readonly Row[]
}

const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('\n', ' ').replaceAll('|', '\\|')).join(' | ')} |\n`

const heads = '| fault | run it alone | expected | last result | date |\n|---|---|---|---|---|\n'

/** The page with the table of one section written anew; throws when the page has no place for it. */
const pageWith = (text: string, target: Section['target'], table: string): string => {
  const marks = [`<!-- written by make ${target} -->`, `<!-- end of make ${target} -->`] as const
  const [from, to] = marks.map((mark) => text.indexOf(mark))
  if (from === undefined || to === undefined || from < 0 || to < from)
    throw new Error(`docs/resilience.md has no part between ${marks.join(' and ')}`)
  return `${text.slice(0, from + marks[0].length)}\n\n${table}\n${text.slice(to)}`
}

/** Keeps the result of a run, and writes the section anew. */
export const publish = ({ target, kept, rows }: Section, fault: string, figures: string): void => {
  const results = existsSync(kept) ? Results.parse(JSON.parse(readFileSync(kept, 'utf8'))) : {}
  results[fault] = { figures, date: new Date().toISOString().slice(0, 10) }
  const lines = rows.flatMap(({ fault, expected }) => {
    const result = results[fault]
    if (result === undefined) return []
    return [row([fault, `\`make ${target} ONLY='${fault}'\``, expected, result.figures, result.date])]
  })
  writeFileSync(kept, `${JSON.stringify(results, undefined, 2)}\n`)
  writeFileSync(page, pageWith(readFileSync(page, 'utf8'), target, heads + lines.join('')))
}
