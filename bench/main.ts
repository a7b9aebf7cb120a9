import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { say } from '../dev/progress.ts'
import { machine } from './machine.ts'
import * as drain from './parts/drain.ts'
import * as idle from './parts/idle.ts'
import * as operator from './parts/operator.ts'
import type { Part } from './parts/part.ts'
import * as producer from './parts/producer.ts'
import * as rate from './parts/rate.ts'
import * as scale from './parts/scale.ts'
import * as takeover from './parts/takeover.ts'
import { type Dated, pageWith, tableText } from './report.ts'

/**
 * `make bench`: all parts, or those of ONLY=drain,…; EVENTS and ROUNDS make a part shorter, and such a short run is
 * printed but not kept.
 */

const parts: Record<string, Part> = { drain, scale, takeover, producer, rate, idle, operator }

const results = join(import.meta.dirname, 'results')
const page = join(import.meta.dirname, '..', 'docs', 'benchmarks.md')
const file = (part: string): string => join(results, `${part}.json`)

const run = async (name: string, part: Part, given: { events: number; rounds: number }): Promise<void> => {
  const whole = Number.isNaN(given.events) && Number.isNaN(given.rounds)
  const { usual } = part
  say(`${name}:`)
  const [load = NaN] = loadavg()
  const report = await part.run({
    events: given.events || usual.events,
    rounds: given.rounds || usual.rounds,
  })
  for (const { what, required, measured, verdict } of report.findings)
    say(`  ${what}: ${measured}, ${verdict === 'missed' ? 'MISSED: ' : ''}required ${required}`)
  say(`${tableText(report.table)}\n`)
  if (!whole) return
  const dated: Dated = {
    ...report,
    date: new Date().toISOString().slice(0, 10),
    machine: await machine(),
    load,
  }
  mkdirSync(results, { recursive: true })
  writeFileSync(file(name), `${JSON.stringify(dated, undefined, 2)}\n`)
}

/** The page is written from all results that are kept, whichever part ran. */
const publish = (): void => {
  const kept = Object.keys(parts).filter((name) => existsSync(file(name)))
  const reports = kept.map((name): Dated => JSON.parse(readFileSync(file(name), 'utf8')))
  writeFileSync(page, pageWith(readFileSync(page, 'utf8'), reports))
}

const main = async (): Promise<void> => {
  const wanted = process.env['ONLY']?.split(',') ?? Object.keys(parts)
  for (const name of wanted) {
    const part = parts[name]
    if (part === undefined) throw new Error(`ONLY=${name}: the parts are ${Object.keys(parts).join(', ')}`)
    await run(name, part, { events: Number(process.env['EVENTS']), rounds: Number(process.env['ROUNDS']) })
  }
  publish()
}

await main()
process.exit(0)
