import { join } from 'node:path'
import { publish as publishRow } from '../resilience.ts'
import type { Scenario } from './scenario.ts'

const kept = join(import.meta.dirname, 'results.json')

/** Keeps the result of a run, and writes the page anew. */
export const publish = (ran: Scenario, all: readonly Scenario[], figures: string): void =>
  publishRow({ target: 'chaos', kept, rows: all }, ran.fault, figures)
