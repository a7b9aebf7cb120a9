import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupNames, topicNames } from '../names.ts'
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

test('a merger that was overtaken as it began does not take the positions for lost', async () => {
  const counts = { replayFrom: 0, marker: 0, late: 0, invalid: 0 }
  const published = { closedUpTo: 0, origin: 0, size: 1, slide: 1, created: 1, generation: 1 }
  const work = await overtaken({
    group: groups.merge,
    topic: topics.panes,
    metadata: mergeMetadata({ ...counts, ...published }),
  })
  assert.equal((await mergeStarts(work))[0]?.position?.offset, 1)
})
