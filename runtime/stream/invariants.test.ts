import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Evidence } from '../testing/evidence.ts'
import { groups, topics } from '../testing/pipeline.ts'
import { rivals } from '../testing/rivals.ts'
import { type RivalStory, rivalStory } from '../testing/rival-story.ts'
import { mergePartial, parsePanesKey } from './partial.ts'
import type { WindowResult } from './result.ts'
import { emptyTally } from './tally.ts'
import { parseTaskMetadata } from './task-position.ts'

/**
 * The promises of docs/engine.md, each held against random histories of workers that compete for everything. All tests
 * see the same histories: HISTORIES says how many, and a failure tells the seed and the smallest history that fails.
 */

const numRuns = Number(process.env['HISTORIES'] ?? 60)
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)

const told = new Map<string, Promise<Evidence>>()
const evidenceOf = (story: RivalStory): Promise<Evidence> => {
  const key = JSON.stringify(story)
  const known = told.get(key) ?? rivals(story)
  told.set(key, known)
  return known
}

const holds = (promise: string, check: (evidence: Evidence) => void): void => {
  test(promise, () =>
    fc.assert(
      fc.asyncProperty(rivalStory, async (story) => check(await evidenceOf(story))),
      { numRuns, seed },
    ),
  )
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)
const text = (bytes: Uint8Array | null): string => new TextDecoder().decode(bytes ?? undefined)

interface Marker {
  closedUpTo: number
  late: number
  invalid: number
}

/** The committed records of each partition of the panes, in order. */
const panesOf = ({ broker }: Evidence) =>
  broker.records(topics.panes).map((records) =>
    records.map(({ key, value }) => {
      const parsed = parsePanesKey(key)
      if (parsed.kind === 'marker') return { marker: JSON.parse(text(value)) as Marker }
      const tally = emptyTally()
      mergePartial(tally, value ?? new Uint8Array())
      return { pane: { start: parsed.start, tally } }
    }),
  )

const lettersOf = ({ broker }: Evidence) =>
  broker
    .records(topics.dlq)
    .map((records) =>
      records.map(({ headers }) => ({ offset: Number(headers?.['offset']), reason: headers?.['reason'] })),
    )

const resultsOf = ({ broker }: Evidence): WindowResult[] =>
  broker
    .records(topics.metrics)
    .flatMap((records) => records.map(({ value }) => JSON.parse(text(value)) as WindowResult))

holds(
  'I1 only the newest lease of partition n writes partition n of panes or commits n of the events',
  ({ committed }) => {
    for (const { transaction, holder } of committed) {
      assert.equal(holder.epoch, holder.newest)
      const partitions = [...transaction.appends, ...transaction.positions]
        .filter(({ topic }) => topic === topics.panes || topic === topics.events)
        .map(({ partition }) => `task.${partition}`)
      if (transaction.group === groups.processor)
        assert.deepEqual(new Set(partitions), new Set([holder.transactionalId]))
    }
  },
)

holds(
  'I2 no memory survives a new lease: its holder goes on from what the one before committed',
  ({ committed }) => {
    const last = new Map<string, { epoch: number; offset: number; metadata: string }>()
    for (const { transaction, holder, opened } of committed) {
      const [position] = transaction.positions
      if (transaction.group !== groups.processor || position === undefined) continue
      const before = last.get(holder.transactionalId)
      if (before?.epoch !== holder.epoch)
        assert.deepEqual(
          opened,
          before === undefined ? null : { offset: before.offset, metadata: before.metadata },
        )
      last.set(holder.transactionalId, {
        epoch: holder.epoch,
        offset: position.offset,
        metadata: position.metadata,
      })
    }
  },
)

holds('I3 panes, marker, dead letters and position become visible together or not at all', ({ torn }) => {
  assert.deepEqual(torn, [])
})

holds('I4 closedUpTo never falls, and no pane comes twice or after it', (evidence) => {
  for (const records of panesOf(evidence)) {
    let closedUpTo = 0
    let newest = -1
    for (const { marker, pane } of records) {
      if (marker !== undefined) {
        assert.ok(marker.closedUpTo >= closedUpTo, `${closedUpTo} fell to ${marker.closedUpTo}`)
        closedUpTo = marker.closedUpTo
      } else {
        assert.ok(
          pane.start >= closedUpTo && pane.start > newest,
          `pane ${pane.start} after ${closedUpTo}, ${newest}`,
        )
        newest = pane.start
      }
    }
  }
  assert.equal(evidence.duplicates, 0)
})

holds('I5 a partial is the fold of exactly its valid events that were on time', (evidence) => {
  const letters = lettersOf(evidence).map((each) => new Set(each.map(({ offset }) => offset)))
  for (const [partition, records] of panesOf(evidence).entries()) {
    const good = evidence.raw.filter(
      (event) => event.partition === partition && !letters[partition]?.has(event.offset),
    )
    for (const { pane } of records) {
      if (pane === undefined) continue
      const inside = good.filter(({ time }) => time >= pane.start && time < pane.start + 1_000)
      const { events, duration, users } = pane.tally
      assert.deepEqual(
        { events, duration: duration.value(), users: users.count() },
        {
          events: inside.length,
          duration: BigInt(sum(inside.map((event) => event.duration))),
          users: new Set(inside.map(({ user }) => user)).size,
        },
      )
    }
  }
})

/** As many windows without events are published in a row. */
const mostEmpty = 100

holds('I6 one result per window, from exactly the committed partials', (evidence) => {
  const results = resultsOf(evidence)
  const panes = panesOf(evidence).flatMap((records) => records.flatMap(({ pane }) => pane ?? []))
  const eventsOf = (from: string, to: string): number => {
    const inside = panes.filter(({ start }) => start >= Date.parse(from) && start < Date.parse(to))
    return sum(inside.map(({ tally }) => tally.events))
  }
  assert.equal(new Set(results.map(({ window_start }) => window_start)).size, results.length)
  for (const [index, { window_start, window_end, total_events, generation }] of results.entries()) {
    // The panes of a partition that is new may come when their windows are published.
    if (evidence.grown) assert.ok(total_events <= eventsOf(window_start, window_end))
    else assert.equal(total_events, eventsOf(window_start, window_end), window_start)
    const before = results[index - 1]
    assert.ok(
      (before?.generation ?? 0) <= generation,
      'a window of an older generation came after a newer one',
    )
    const end = before?.window_end ?? window_start
    if (!evidence.tumbling || window_start === end) continue
    assert.equal(eventsOf(end, window_start), 0, `no window from ${end} to ${window_start}`)
    const empty = results.slice(Math.max(0, index - mostEmpty), index)
    assert.equal(empty.length, mostEmpty)
    assert.ok(empty.every((each) => each.total_events === 0))
  }
})

holds('I7 every partition that is written in transactions has one writer', ({ committed }) => {
  const writers = new Map<string, string>()
  for (const { transaction, holder } of committed)
    for (const { topic, partition, messages } of transaction.appends) {
      if (messages.length === 0) continue
      const place = `${topic}/${partition}`
      assert.equal(holder.transactionalId, writers.get(place) ?? holder.transactionalId, place)
      writers.set(place, holder.transactionalId)
    }
})

holds(
  'I8 events in panes, open, late and invalid are together all that was read; nothing is lost or doubled',
  (evidence) => {
    for (const { offsets, events, open, late, invalid, gaps } of evidence.totals)
      assert.equal(events + open + late + invalid + gaps, offsets)
    const letters = lettersOf(evidence)
    for (const [partition, records] of panesOf(evidence).entries()) {
      const position = evidence.broker.position({ group: groups.processor, topic: topics.events, partition })
      if (position === undefined) continue
      const { replayFrom } = parseTaskMetadata(position)
      const counted =
        sum(records.map(({ pane }) => pane?.tally.events ?? 0)) + (letters[partition]?.length ?? 0)
      const read = evidence.raw.filter(
        (event) => event.partition === partition && event.offset < position.offset,
      )
      assert.ok(counted <= read.length && counted >= read.length - (position.offset - replayFrom))
    }
    if (!evidence.tumbling) return
    const results = resultsOf(evidence)
    const end = Date.parse(results.at(-1)?.window_end ?? '')
    const refused = sum(letters.map((each) => each.length))
    const told = sum(results.map((each) => each.total_events + each.late_events + each.invalid_events))
    const gone = letters.map((each) => new Set(each.map(({ offset }) => offset)))
    const before = evidence.raw.filter(
      ({ time, partition, offset }) => time < end && !gone[partition]?.has(offset),
    )
    assert.equal(told, before.length + refused)
  },
)
