import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupNames, topicNames } from '../names.ts'
import { aWindow } from '../board/testing/window.ts'
import { MemoryBroker } from '../testing/memory-broker.ts'
import { memoryLog } from '../testing/memory-log.ts'
import { mergeMetadata } from '../stream/merge-position.ts'
import { freshState, taskMetadata } from '../stream/task-position.ts'
import type { Log } from './log.ts'
import { mergeStarts, taskStart } from './starts.ts'

const pipeline = 'shop'
const topics = topicNames(pipeline)
const groups = groupNames(pipeline)
const message = { key: null, value: null }

/** What stands beside the positions of a merger that has published up to an instant. */
const published = (closedUpTo: number): string => {
  const counts = { replayFrom: 0, marker: 0, late: 0, invalid: 0 }
  return mergeMetadata({ ...counts, closedUpTo, origin: 0, size: 1, slide: 1, created: 1, generation: 1 })
}

/** A log in which somebody else commits for the first time right after the position was read, which was none. */
const overtaken = async ({ group, topic, metadata }: { group: string; topic: string; metadata: string }) => {
  const broker = new MemoryBroker()
  for (const name of Object.values(topics)) broker.createTopic(name, 1)
  broker.append({ topic: topics.events, partition: 0, messages: [message] })
  const inner = memoryLog(broker)
  const other = await inner.lease('other', new AbortController().signal)
  const messages = [message]
  const written = [topics.panes, topics.metrics].map((name) => ({ topic: name, partition: 0, messages }))
  let reads = 0
  const log: Log = {
    ...inner,
    async position(at) {
      const found = await inner.position(at)
      reads += 1
      if (reads === 1)
        await other.commit({
          appends: written,
          group,
          positions: [{ topic, partition: 0, offset: 1, metadata }],
        })
      return found
    },
  }
  return { log, pipeline }
}

test('a task that was overtaken as it began does not take the position for lost', async () => {
  const metadata = taskMetadata({ ...freshState(0), closedUpTo: 0, maxEventTime: 0 })
  const work = await overtaken({ group: groups.processor, topic: topics.events, metadata })
  assert.equal((await taskStart(work, 0)).committed?.position.offset, 1)
})

for (const [what, end, shown] of [
  ['that its position includes is shown', 60_000, 2],
  ['that its position does not include is rolled back', 60_001, 1],
] as const)
  test(`under a merger's lease a result that a crash has hidden and ${what}`, async () => {
    const broker = new MemoryBroker()
    for (const name of Object.values(topics)) broker.createTopic(name, 1)
    const log = memoryLog(broker)
    const lease = () => log.lease('merge', new AbortController().signal)
    const write = async (until: number, moves: boolean) => {
      const { result } = aWindow(0, { window_end: new Date(until).toISOString() })
      const messages = [{ key: null, value: Buffer.from(JSON.stringify(result)) }]
      const position = { topic: topics.panes, partition: 0, offset: 1, metadata: published(60_000) }
      await (
        await lease()
      ).commit({
        appends: [{ topic: topics.metrics, partition: 0, messages }],
        group: groups.merge,
        positions: moves ? [position] : [],
      })
    }
    await write(60_000, true)
    broker.commitFault = () => ({
      kind: 'applied',
      forgotten: { first: true, rest: false, positions: false },
    })
    await assert.rejects(write(end, false))
    broker.commitFault = () => undefined
    assert.equal(broker.records(topics.metrics)[0]?.length, 1)
    await mergeStarts({ log, pipeline, lease: await lease() })
    assert.equal(broker.records(topics.metrics)[0]?.length, shown)
    assert.equal(await log.hidden({ topic: topics.metrics, partition: 0 }), undefined)
  })

test('a merger that was overtaken as it began does not take the positions for lost', async () => {
  const work = await overtaken({
    group: groups.merge,
    topic: topics.panes,
    metadata: published(0),
  })
  assert.equal((await mergeStarts(work))[0]?.position?.offset, 1)
})
