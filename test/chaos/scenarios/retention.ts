import assert from 'node:assert/strict'
import * as z from 'zod'
import { until } from '../../../dev/until.ts'
import type { EventRow } from '../history.ts'
import { historyOf } from '../outcome.ts'
import { eventRow } from '../rows.ts'
import type { Given, Scenario } from '../scenario.ts'
import { openTrial, type Trial } from '../trial.ts'
import { verdict } from '../verdict.ts'

const partitions = 3
const ofWindows = ['wrong total', 'window published twice', 'window missing', 'window out of place']

/** Reads the events before they expire: their recount needs them. */
const rememberEvents = (trial: Trial) => {
  const { witness } = trial.options.stage
  const tail = witness.follow(trial.topics.events)
  const rows: EventRow[] = []
  const read = async (): Promise<boolean> => {
    rows.push(...(await tail.poll()).map(eventRow))
    return tail.atEnd()
  }
  return { rows, catchUp: () => until('all events', read) }
}

/** Lets all records but the newest expire, as a retention does that is too short. */
const letExpire = async ({ stage }: Given, topic: string, positions: readonly number[]): Promise<void> => {
  const short = { 'retention.ms': '1000', 'segment.ms': '1000' }
  await stage.admin.configure(topic, { set: short, unset: [] })
  await until(
    'events to expire',
    async () => {
      const bounds = await Promise.all(positions.map((_, partition) => stage.log.bounds(topic, partition)))
      return bounds.every(({ start }, partition) => start > (positions[partition] ?? 0))
    },
    { deadline: 60_000, every: 500 },
  )
  await stage.admin.configure(topic, { set: {}, unset: Object.keys(short) })
}

/** Up to where a position says that panes are closed: of a window that ends by then, none can come any more. */
const closedUpTo = ({ metadata }: { metadata: string }): number =>
  z.object({ closedUpTo: z.int() }).parse(JSON.parse(metadata)).closedUpTo

const run = async (given: Given): Promise<string> => {
  const { stage, name, long } = given
  const window = { size: 1_000, slide: 1_000 }
  const trial = await openTrial({ stage, name, rate: long ? 5_000 : 600, replicas: 1, partitions, window })
  try {
    const events = rememberEvents(trial)
    await trial.windows(3)
    const [pod] = trial.pods
    if (pod !== undefined) await trial.stop(pod)
    await events.catchUp()
    const before = await stage.witness.positions(trial.groups.processor, trial.topics.events)
    const positions = before.map(({ offset }) => offset)
    await letExpire(given, trial.topics.events, positions)
    const [stopped] = await trial.add()
    assert.ok(stopped)
    const why = await until('a failing probe', async () => {
      const { ok, text } = await stopped.probe('/healthz')
      return !ok && text
    })
    assert.match(why, /is not in the log/)
    assert.ok(!(await stopped.probe('/readyz')).ok)
    await trial.end()
    // Windows whose panes were all written before it was stopped may come after it.
    const passed = Math.min(...before.map(closedUpTo))
    const over = trial.results.filter(({ end }) => end > passed)
    assert.deepEqual(over, [], 'no window is published over a gap')
    assert.deepEqual(await stage.witness.positions(trial.groups.processor, trial.topics.events), before)
    const read = events.rows.filter(({ partition, offset }) => offset < (positions[partition] ?? 0))
    const known = { specs: trial.specs, entries: trial.load.ledger, duplicatePanes: 0, unaccounted: 0 }
    const findings = verdict(await historyOf(trial.place, known, read))
    assert.deepEqual(
      findings.filter(({ fault }) => ofWindows.includes(fault)),
      [],
    )
    return `stopped: "${why.trim()}"; ${trial.results.length} windows before it exact`
  } finally {
    await trial.end()
  }
}

export const expire: Scenario = {
  fault: 'unread events expired by the retention of their topic',
  expected:
    'the partition stops with a clear error, its liveness probe fails, its position stays; windows published before are exact',
  on: 'broker',
  run,
}
