import type { groupNames, topicNames } from '../../runtime/names.ts'
import type { History } from './history.ts'
import { grace, idleTimeout } from './pipeline.ts'
import { eventRow, letterRow, resultRow, type SeenResult } from './rows.ts'
import type { Witness } from './witness.ts'

/** A pipeline as the witness knows it. */
export interface Place {
  witness: Witness
  topics: ReturnType<typeof topicNames>
  groups: ReturnType<typeof groupNames>
}

/** The processor's positions beside the ends of the events. */
const positionsOf = async ({ witness, topics, groups }: Place): Promise<History['positions']> => {
  const edges = await witness.edges(topics.events)
  const positions = await witness.positions(groups.processor, topics.events)
  return edges.map(({ partition, high }) => ({
    partition,
    end: high,
    position: positions[partition]?.offset ?? -1,
  }))
}

/** True when the windows have passed the newest event, and nothing is left to tell. */
export const isAtRest = async (
  place: Place,
  { results, newest }: { results: readonly SeenResult[]; newest: number },
): Promise<boolean> => {
  if ((results.at(-1)?.end ?? 0) <= newest) return false
  const letters = await place.witness.read(place.topics.dlq, ({ partition, offset }) => ({
    partition,
    offset,
  }))
  const told = results.reduce((sum, { late, invalid }) => sum + late + invalid, 0)
  const positions = await positionsOf(place)
  return told >= letters.length && positions.every(({ position, end }) => position === end)
}

/** Everything that the brokers have to say, with what only the trial knows; `events` where the topic lost some. */
export const historyOf = async (
  place: Place,
  trial: Pick<History, 'specs' | 'entries' | 'duplicatePanes' | 'unaccounted'>,
  events?: History['events'],
): Promise<History> => {
  const { witness, topics } = place
  const known = { ...trial, grace, idleTimeout }
  if (events !== undefined) {
    const [letters, results] = [
      await witness.read(topics.dlq, letterRow),
      await witness.read(topics.metrics, resultRow),
    ]
    return { ...known, events, letters, results, positions: [], edges: [] }
  }
  const edges = await Promise.all(Object.values(topics).map((topic) => witness.edges(topic)))
  return {
    ...known,
    events: await witness.read(topics.events, eventRow),
    letters: await witness.read(topics.dlq, letterRow),
    results: await witness.read(topics.metrics, resultRow),
    positions: await positionsOf(place),
    edges: edges.flat(),
  }
}

/** The figures of a run in a sentence. */
export const figures = (events: number, results: readonly SeenResult[]): string => {
  const sum = (of: (result: SeenResult) => number): number =>
    results.reduce((total, each) => total + of(each), 0)
  const [late, invalid] = [sum((each) => each.late), sum((each) => each.invalid)]
  return `${events.toLocaleString('en')} events, ${results.length} windows, ${late} late, ${invalid} invalid: exact`
}
