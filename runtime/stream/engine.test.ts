import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { clickEvent } from '../../test/inputs/event.ts'
import { manualClock } from '../testing/clock.ts'
import { Engine } from '../testing/engine.ts'
import { topics } from '../testing/pipeline.ts'
import { MemoryBroker } from '../testing/memory-broker.ts'
import { type Action, partitions, type Sent, story } from '../testing/story.ts'
import type { WindowResult } from './result.ts'

/**
 * Tasks and merger under any order of events, reading, crashes and faults, against an oracle that knows nothing of
 * panes: it counts the raw events that did not become dead letters.
 */

const start = 1_700_000_000_000
const grace = 4_000

/** A raw event, as the oracle keeps it. */
interface Raw extends Sent {
  partition: number
  offset: number
  time: number
}

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

const valueOf = ({ time, user, page, duration, broken }: Omit<Raw, 'partition' | 'offset'>): Uint8Array => {
  const event = clickEvent({
    timestamp: new Date(time).toISOString(),
    user_id: `user-${user}`,
    page_url: String(page),
    duration_ms: duration,
  })
  return encode(broken ? { ...event, user_id: 7 } : event)
}

const setUp = (idleTimeout: number, spec: { size: number; slide: number }) => {
  const clock = manualClock(start)
  const broker = new MemoryBroker(clock)
  const engine = new Engine(broker, { partitions, grace, idleTimeout, window: spec })
  const raw: Raw[] = []
  const send = (partition: number, events: readonly Sent[]): void => {
    for (const event of events) {
      const time = clock.now() - event.ago
      const offset = broker.append({
        topic: topics.events,
        partition,
        messages: [{ key: null, value: valueOf({ ...event, time }) }],
      })
      raw.push({ ...event, partition, offset, time })
    }
  }
  return { clock, broker, engine, raw, send }
}

type World = ReturnType<typeof setUp>

const act = async ({ clock, broker, engine, send }: World, action: Action): Promise<void> => {
  if (action.kind === 'task' || action.kind === 'merge') broker.commitFault = () => action.fault
  if (action.kind === 'send') send(action.partition, action.events)
  else if (action.kind === 'task') await engine.stepTask(action.partition, action.most)
  else if (action.kind === 'merge') await engine.stepMerge(action.most)
  else if (action.kind === 'catch up') await engine.catchUp()
  else if (action.kind === 'crash') engine.crashTask(action.partition)
  else if (action.kind === 'crash merge') engine.crashMerge()
  else if (action.kind === 'pass') await clock.advance(action.time)
  else engine.changeWindow(action)
  broker.commitFault = () => undefined
}

/** Ends the story: later events close all windows before them, twice, so that the last counts are told too. */
const finish = async ({ clock, engine, send }: World): Promise<void> => {
  const closing = { ago: 0, user: 0, page: 0, duration: 0, broken: false }
  for (const _round of [1, 2]) {
    await clock.advance(100_000)
    for (let partition = 0; partition < partitions; partition += 1) send(partition, [closing])
    await engine.catchUp()
    await clock.advance(1_000)
    await engine.catchUp()
  }
}

const results = ({ broker }: World): WindowResult[] =>
  broker
    .records(topics.metrics)
    .flatMap((records) =>
      records.map(({ value }) => JSON.parse(new TextDecoder().decode(value ?? undefined)) as WindowResult),
    )

const deadLetters = ({ broker }: World): { reason: string; partition: number; offset: number }[] =>
  broker
    .records(topics.dlq)
    .flat()
    .map(({ headers }) => ({
      reason: headers?.['reason'] ?? '',
      partition: Number(headers?.['partition']),
      offset: Number(headers?.['offset']),
    }))

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

/** A window's numbers, counted from raw events. */
const counted = (events: readonly Raw[]) => ({
  total: events.length,
  users: new Set(events.map(({ user }) => user)).size,
  pages: Object.fromEntries(
    [...Map.groupBy(events, ({ page }) => page)]
      .map(([page, of]) => [String(page), of.length] as const)
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .slice(0, 5),
  ),
  average:
    events.length === 0 ? 0 : Math.floor(sum(events.map((event) => event.duration)) / events.length + 0.5),
})

const checkWorld = (world: World): { tumbling: WindowResult[]; kept: Raw[] } => {
  const letters = deadLetters(world)
  const refused = new Map(letters.map(({ reason, partition, offset }) => [`${partition}/${offset}`, reason]))
  assert.equal(refused.size, letters.length, 'a record has at most one dead letter')
  for (const { partition, offset, broken, time } of world.raw) {
    const reason = refused.get(`${partition}/${offset}`)
    assert.equal(reason === 'WrongType', broken, 'what cannot be read is a dead letter, and nothing else is')
    if (reason === 'TooFarInFuture') assert.ok(time > start + 60_000)
  }
  const kept = world.raw.filter(({ partition, offset }) => !refused.has(`${partition}/${offset}`))
  const published = results(world)
  for (const result of published) {
    const [from, to] = [Date.parse(result.window_start), Date.parse(result.window_end)]
    const wanted = counted(kept.filter(({ time }) => time >= from && time < to))
    const got = {
      total: result.total_events,
      users: result.unique_users,
      pages: result.top_pages,
      average: result.avg_duration_ms,
    }
    assert.deepEqual(got, wanted, `${result.window_start} to ${result.window_end}`)
    assert.equal(result.exact, true)
  }
  const starts = published.map(({ window_start }) => window_start)
  assert.equal(new Set(starts).size, starts.length, 'one result per window')
  assert.equal(
    sum(published.map((each) => each.late_events)),
    letters.filter((each) => each.reason === 'Late').length,
  )
  assert.equal(
    sum(published.map((each) => each.invalid_events)),
    letters.filter((each) => each.reason !== 'Late').length,
  )
  assert.equal(world.engine.duplicates, 0)
  return { tumbling: published, kept }
}

const tumblingStory = story.map((actions) =>
  actions.map((each) => (each.kind === 'window' ? { ...each, size: each.slide } : each)),
)

test('whatever happens, each window tells exactly its events, and each event is in exactly one tumbling window', async () => {
  await fc.assert(
    fc.asyncProperty(tumblingStory, async (actions) => {
      const world = setUp(3_600_000, { size: 5_000, slide: 5_000 })
      for (const each of actions) await act(world, each)
      await finish(world)
      const { tumbling, kept } = checkWorld(world)
      const last = Date.parse(tumbling.at(-1)?.window_end ?? '')
      const before = kept.filter(({ time }) => time < last)
      assert.equal(sum(tumbling.map(({ total_events }) => total_events)), before.length)
      assert.ok(before.length >= kept.length - 2 * partitions, 'only the closing events may still be open')
    }),
    { numRuns: 100 },
  )
})

test('without idle time only an event older than the newest of its partition minus grace is late', async () => {
  await fc.assert(
    fc.asyncProperty(story, async (actions) => {
      const world = setUp(3_600_000, { size: 6_000, slide: 2_000 })
      for (const each of actions) await act(world, each)
      await finish(world)
      checkWorld(world)
      const letters = deadLetters(world)
      for (const { partition, offset } of letters.filter(({ reason }) => reason === 'Late')) {
        const before = world.raw.filter((event) => event.partition === partition && event.offset <= offset)
        const event = before.at(-1)
        assert.ok(event)
        assert.ok(event.time < Math.max(...before.map(({ time }) => time)) - grace)
      }
    }),
    { numRuns: 50 },
  )
})

test('windows close by idle time alone, and what comes after is late, not lost', async () => {
  await fc.assert(
    fc.asyncProperty(story, async (actions) => {
      const world = setUp(1_000, { size: 5_000, slide: 5_000 })
      for (const each of actions) await act(world, each)
      await finish(world)
      checkWorld(world)
    }),
    { numRuns: 50 },
  )
})
