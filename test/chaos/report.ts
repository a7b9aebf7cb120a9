import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Scenario } from './scenario.ts'

const table = join(import.meta.dirname, '..', '..', 'docs', 'resilience.md')
const kept = join(import.meta.dirname, 'results.json')
const Results = z.record(z.string(), z.object({ figures: z.string(), date: z.string() }))

const introduction = `# Resilience

What was done to running pipelines on real brokers, and what came of it. \`make chaos\` writes this page from its runs;
\`make test-chaos\` runs a short form of it. How it judges: \`test/chaos/verdict.ts\` recounts the events topic by event
time with a reader of its own, against a ledger of what was written.

Each run ends with the same questions: is every event that was acknowledged there once; has every window exactly one
result, the next one beginning where the rule says; is every total, and every number of users, that of a recount; do
totals, late and invalid events add up to the events; is every position at the end of its log; is no transaction open;
did no pane stand in the log twice.

| fault | run it alone | expected | last result | date |
|---|---|---|---|---|
`

const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('\n', ' ').replaceAll('|', '\\|')).join(' | ')} |\n`

/** Keeps the result of a run, and writes the page anew. */
export const publish = (ran: Scenario, all: readonly Scenario[], figures: string): void => {
  const results = existsSync(kept) ? Results.parse(JSON.parse(readFileSync(kept, 'utf8'))) : {}
  results[ran.fault] = { figures, date: new Date().toISOString().slice(0, 10) }
  const rows = all.flatMap(({ fault, expected }) => {
    const result = results[fault]
    if (result === undefined) return []
    return [row([fault, `\`make chaos ONLY='${fault}'\``, expected, result.figures, result.date])]
  })
  writeFileSync(kept, `${JSON.stringify(results, undefined, 2)}\n`)
  writeFileSync(table, `${introduction}${rows.join('')}`)
}
