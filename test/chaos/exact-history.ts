import assert from 'node:assert/strict'
import type { Entry, EventRow, History, Letter, ResultRow } from './history.ts'
import { verdict } from './verdict.ts'

const partitions = 4
export const began = 1_750_000_000_000
/** Every so many events one is late, and one is none. */
const [lateEvery, invalidEvery] = [10_007, 20_011]
/** Late events lie so far back, in milliseconds. */
const lateBy = 20_000

type Exact = History & { results: ResultRow[]; events: EventRow[]; letters: Letter[] }

/** An event in each millisecond, a window for each hundredth of them, all of it right. */
export const exactHistory = (count: number): Exact => {
  const size = count / 100
  const entries: Entry[] = []
  const events: EventRow[] = []
  const letters: Letter[] = []
  const results: ResultRow[] = Array.from({ length: 100 }, (_, index) => ({
    key: began + index * size,
    start: began + index * size,
    end: began + (index + 1) * size,
    total: 0,
    users: 10,
    typed: 0,
    late: 0,
    invalid: 0,
    clipped: false,
    exact: true,
    generation: 1,
  }))
  for (let index = 0; index < count; index += 1) {
    const late = index % lateEvery === 6
    const time = index % invalidEvery === 5 ? undefined : began + index - (late ? lateBy : 0)
    const row = {
      partition: index % partitions,
      offset: Math.floor(index / partitions),
      id: `e${index}`,
      time,
    }
    const reason = time === undefined ? { reason: 'NotJson' as const } : {}
    entries.push({
      id: row.id,
      partition: row.partition,
      time,
      user: index % 10,
      acknowledgedAt: began + index,
      ...reason,
    })
    events.push(row)
    const result = results[Math.floor(index / size)]
    assert.ok(result)
    if (late) result.late += 1
    else if (time === undefined) result.invalid += 1
    else result.total += 1
    result.typed = result.total
    if (late || time === undefined) letters.push({ ...row, reason: late ? 'Late' : 'NotJson' })
  }
  return {
    specs: new Map([[1, { size, slide: size }]]),
    grace: 1_000,
    idleTimeout: 4_000,
    entries,
    events,
    letters,
    results,
    positions: Array.from({ length: partitions }, (_, partition) => ({
      partition,
      position: count / partitions,
      end: count / partitions,
    })),
    edges: [{ topic: 'panes', partition: 0, stable: 7, high: 7 }],
    duplicatePanes: 0,
    unaccounted: 0,
  }
}

/** A copy whose rows may be changed. */
export const copyOf = (history: Exact) => ({
  ...history,
  results: history.results.map((result) => ({ ...result })),
  events: [...history.events],
  entries: [...history.entries],
  letters: [...history.letters],
})

/** What the judge finds, each once. */
export const faults = (history: History): string[] => [...new Set(verdict(history).map(({ fault }) => fault))]
