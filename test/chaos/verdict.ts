import { finding, type Finding, placeOf } from './finding.ts'
import type { EventRow, History, ResultRow, Spec } from './history.ts'
import { deadLetters } from './letters.ts'

/** Judges a history that has come to rest: all that is wrong, nothing when it is exact. */
export const verdict = (history: History): Finding[] => {
  const letters = new Map(history.letters.map((letter) => [placeOf(letter), letter]))
  const counted = history.events
    .filter((event) => !letters.has(placeOf(event)))
    .flatMap(({ id, time }) => (time === undefined ? [] : [{ id, time }]))
    .sort((a, b) => a.time - b.time)
  return [
    ...arrivals(history),
    ...deadLetters(history, letters),
    ...succession(history),
    ...totals(history, counted),
    ...conservation(history, counted),
    ...rest(history),
  ]
}

/** The ledger against the events topic: the load itself must have come exactly once. */
const arrivals = ({ entries, events }: History): Finding[] => {
  const rows = new Map<string, EventRow>()
  const findings: Finding[] = []
  for (const row of events) {
    if (rows.has(row.id)) findings.push(finding('event doubled before the engine', `event ${row.id}`))
    rows.set(row.id, row)
  }
  for (const { id, partition, time, acknowledgedAt } of entries) {
    const row = rows.get(id)
    const absent = row === undefined && acknowledgedAt !== undefined
    if (absent || (row !== undefined && (row.partition !== partition || row.time !== time)))
      findings.push(finding('event lost before the engine', `event ${id} of partition ${partition}`))
    rows.delete(id)
  }
  for (const id of rows.keys()) findings.push(finding('event that nobody wrote', `event ${id}`))
  return findings
}

const span = ({ start, end }: { start: number; end: number }): string =>
  `[${new Date(start).toISOString()}, ${new Date(end).toISOString()})`

/** After so many windows without events the engine may go on with the next that has some. */
const mostEmpty = 100

/** The windows must follow one another by the rule of their generation, each once, cut only where a rule changed. */
const succession = ({ results, specs }: History): Finding[] => {
  const findings: Finding[] = []
  const keys = new Set<number>()
  let before: Before | undefined
  for (const result of results) {
    const spec = specs.get(result.generation)
    if (spec === undefined) {
      findings.push(finding('window out of place', `${span(result)} is of generation ${result.generation}`))
      continue
    }
    if (keys.has(result.key)) findings.push(finding('window published twice', span(result)))
    keys.add(result.key)
    const origin = originOf(spec, before)
    const end = endOf(result, { spec, before, origin })
    const start = Math.max(end - spec.size, origin)
    if (before !== undefined && result.generation < before.result.generation)
      findings.push(finding('window out of place', `${span(result)} is of an older generation`))
    if (result.end > end) findings.push(finding('window missing', span({ start, end })))
    else if (result.end < end) findings.push(finding('window out of place', span(result)))
    else if (result.start !== start || result.key !== start || result.clipped !== start > end - spec.size)
      findings.push(finding('window out of place', `${span(result)} is not ${span({ start, end })}`))
    const empty = result.total === 0 ? (before?.empty ?? 0) + 1 : 0
    before = { result, spec, origin, empty }
  }
  return findings
}

interface Before {
  result: ResultRow
  spec: Spec
  origin: number
  /** How many windows without events there were in a row. */
  empty: number
}

const changed = (spec: Spec, before: Before): boolean =>
  spec.size !== before.spec.size || spec.slide !== before.spec.slide

/** No window reaches back over the instant where its rule began. */
const originOf = (spec: Spec, before: Before | undefined): number => {
  if (before === undefined) return -Infinity
  return changed(spec, before) ? before.result.end : before.origin
}

const endOf = (
  result: ResultRow,
  { spec, before, origin }: { spec: Spec; before: Before | undefined; origin: number },
): number => {
  const aligned = Math.ceil(result.end / spec.slide) * spec.slide
  if (before === undefined) return aligned
  const next = Math.floor(before.result.end / spec.slide) * spec.slide + spec.slide
  const whole = changed(spec, before) ? Math.floor(origin / spec.slide) * spec.slide + spec.size : 0
  return Math.max(next, whole, before.empty >= mostEmpty ? aligned : 0)
}

interface Counted {
  id: string
  time: number
}

/** The first of the sorted events that lies at or after the instant. */
const firstFrom = (counted: readonly Counted[], instant: number): number => {
  let [low, high] = [0, counted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((counted[middle]?.time ?? Infinity) < instant) low = middle + 1
    else high = middle
  }
  return low
}

/** Every window's numbers against a recount of the events topic by event time. */
const totals = ({ results, entries }: History, counted: readonly Counted[]): Finding[] => {
  const findings: Finding[] = []
  const users = new Map(entries.map(({ id, user }) => [id, user]))
  for (const result of results) {
    const inside = counted.slice(firstFrom(counted, result.start), firstFrom(counted, result.end))
    const visitors = new Set(inside.map(({ id }) => users.get(id))).size
    if (result.total !== inside.length || result.typed !== inside.length)
      findings.push(
        finding('wrong total', `${span(result)} says ${result.total}, ${inside.length} are counted`),
      )
    else if (result.exact && result.users !== visitors)
      findings.push(finding('wrong total', `${span(result)} says ${result.users} users, not ${visitors}`))
  }
  const [first, last] = [results[0], results.at(-1)]
  const outside =
    counted.length -
    (first === undefined || last === undefined
      ? 0
      : firstFrom(counted, last.end) - firstFrom(counted, first.start))
  if (outside > 0) findings.push(finding('event outside of all windows', `${outside} events`))
  return findings
}

/** What results say of totals, late and invalid events adds up to the events; hopping windows count one often. */
const conservation = (
  { results, letters, events, specs }: History,
  counted: readonly Counted[],
): Finding[] => {
  const sum = (of: (result: ResultRow) => number): number =>
    results.reduce((total, result) => total + of(result), 0)
  const tumbling = results.every(({ generation }) => {
    const spec = specs.get(generation)
    return spec?.size === spec?.slide
  })
  const windows = tumbling ? sum(({ total }) => total) : counted.length
  const [late, invalid] = [sum((result) => result.late), sum((result) => result.invalid)]
  const lateLetters = letters.filter(({ reason }) => reason === 'Late').length
  const findings: Finding[] = []
  if (windows + late + invalid !== events.length)
    findings.push(
      finding(
        'not conserved',
        `${windows} in windows + ${late} late + ${invalid} invalid are not ${events.length} events`,
      ),
    )
  if (late !== lateLetters || invalid !== letters.length - lateLetters)
    findings.push(
      finding(
        'not conserved',
        `results tell ${late} late and ${invalid} invalid events, dead letters ${lateLetters} and ${letters.length - lateLetters}`,
      ),
    )
  return findings
}

/** What must be so when all has come to rest. */
const rest = ({ positions, edges, duplicatePanes, unaccounted }: History): Finding[] => [
  ...positions
    .filter(({ position, end }) => position !== end)
    .map(({ partition, position, end }) =>
      finding('position not at the end', `partition ${partition}: ${position} of ${end}`),
    ),
  ...edges
    .filter(({ stable, high }) => stable !== high)
    .map(({ topic, partition, stable, high }) =>
      finding('hanging transaction', `${topic}/${partition} is stable to ${stable} of ${high}`),
    ),
  ...(duplicatePanes === 0 ? [] : [finding('alarm', `${duplicatePanes} panes stood in the log twice`)]),
  ...(unaccounted === 0 ? [] : [finding('alarm', `${unaccounted} events are unaccounted for`)]),
]
