import { at, finding, type Finding, placeOf } from './finding.ts'
import type { History, Letter } from './history.ts'

/** One letter for each record that is no event, at most one for an event that came late, none for others. */
export const deadLetters = (history: History, letters: ReadonlyMap<number, Letter>): Finding[] => {
  const findings: Finding[] = []
  const seen = new Set<number>()
  for (const letter of history.letters) {
    const place = placeOf(letter)
    if (seen.has(place)) findings.push(finding('dead letter doubled', `${letter.reason} at ${at(letter)}`))
    seen.add(place)
  }
  const events = new Map(history.events.map((event) => [placeOf(event), event]))
  const reasons = new Map(history.entries.map(({ id, reason = 'Late' }) => [id, reason]))
  for (const [place, letter] of letters) {
    const event = events.get(place)
    const reason = reasons.get(event?.id ?? '')
    if (letter.reason !== reason || letter.id !== event?.id)
      findings.push(
        finding(
          'dead letter without cause',
          `${letter.reason} of ${letter.id} at ${at(letter)}, which is ${event?.id}: ${reason}`,
        ),
      )
  }
  for (const event of history.events)
    if (event.time === undefined && !letters.has(placeOf(event)))
      findings.push(finding('invalid event without dead letter', `event ${event.id} at ${at(event)}`))
  return [...findings, ...onTime(history, letters)]
}

/** The engine counts by seconds: an event is late when all of its second was closed. */
const second = 1_000

/**
 * An event may be refused as late only when one before it in its partition was newer than its second by the grace;
 * or when it came so long after its second that the partition may have been idle.
 */
const onTime = (
  { events, entries, grace, idleTimeout }: History,
  letters: ReadonlyMap<number, Letter>,
): Finding[] => {
  const came = new Map(entries.map(({ id, acknowledgedAt = Infinity }) => [id, acknowledgedAt]))
  const newest = new Map<number, number>()
  const findings: Finding[] = []
  for (const event of [...events].sort((a, b) => a.offset - b.offset)) {
    const { partition, id, time } = event
    if (time === undefined) continue
    const before = newest.get(partition) ?? -Infinity
    newest.set(partition, Math.max(before, time))
    if (letters.get(placeOf(event))?.reason !== 'Late') continue
    const closed = Math.floor(time / second) * second + second + grace
    if (closed > before && closed + idleTimeout > (came.get(id) ?? Infinity))
      findings.push(finding('dead letter without cause', `event ${id} at ${at(event)} came in its time`))
  }
  return findings
}
