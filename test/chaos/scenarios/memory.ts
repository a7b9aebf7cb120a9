import assert from 'node:assert/strict'
import { until } from '../../../dev/until.ts'
import { topicNames } from '../../../runtime/names.ts'
import type { Message } from '../../../runtime/roles/log.ts'
import { createTopics, processorEnvironment } from '../pipeline.ts'
import { startPod, untilShared } from '../pod.ts'
import { resultRow, type SeenResult } from '../rows.ts'
import type { Given, Scenario } from '../scenario.ts'

const partitions = 6
const window = { size: 10_000, slide: 10_000 }
/** Events of each second, every one with a page and a user of its own; the pages come again each second. */
const perSecond = 100_000
/** Two seconds more than the window, so that it closes. */
const seconds = 12
/** Megabytes. */
const most = 256

const event = (id: number, time: number): Uint8Array =>
  Buffer.from(
    `{"event_id":"event-${id}","timestamp":"${new Date(time).toISOString()}","user_id":"user-${id}","session_id":"session-${id}","event_type":"page_view","page_url":"https://shop.example.com/catalogue/item-${id % perSecond}?page=1","page_category":"shop","referrer":"direct","device_type":"mobile","country":"DE","duration_ms":${id % 1_000}}`,
  )

/** The events of one second in one partition, in order of time. */
const messages = (start: number, { second, partition }: { second: number; partition: number }): Message[] => {
  const list: Message[] = []
  for (let index = partition; index < perSecond; index += partitions) {
    const time = start + second * 1_000 + Math.floor((index * 1_000) / perSecond)
    list.push({ key: null, value: event(second * perSecond + index, time) })
  }
  return list
}

const load = async ({ stage }: Given, topic: string, start: number): Promise<void> => {
  for (let second = 0; second < seconds; second += 1)
    for (let partition = 0; partition < partitions; partition += 1)
      await stage.log.append({ topic, partition, messages: messages(start, { second, partition }) })
}

/** The result of the window that begins then. */
const resultOf = async ({ stage }: Given, topic: string, start: number): Promise<SeenResult> =>
  until(
    'the result of a million events',
    async () => (await stage.witness.read(topic, resultRow)).find((result) => result.start === start),
    { deadline: 120_000, every: 500 },
  )

const run = async (given: Given): Promise<string> => {
  const { stage, name } = given
  const topics = topicNames(name)
  await createTopics(stage, { name, partitions })
  const environment = processorEnvironment({ name, bootstrapServers: stage.direct, window, generation: 1 })
  const pod = await startPod(environment)
  const consumer = await startPod(environment, { role: 'consumer' })
  try {
    await untilShared([pod], partitions)
    const start = Math.ceil(Date.now() / window.size) * window.size + window.size
    await load(given, topics.events, start)
    const result = await resultOf(given, topics.metrics, start)
    await until(
      'the consumer to show it',
      async () => ((await consumer.measure('windows_seen_total')) ?? 0) > 0,
    )
    assert.equal(result.total, perSecond * 10)
    assert.equal(result.exact, false)
    assert.ok(Math.abs(result.users / (perSecond * 10) - 1) < 0.03, `${result.users} users`)
    const told = `processor ${pod.peak()} MB, consumer ${consumer.peak()} MB at most; ${result.users} users estimated of 1,000,000`
    assert.ok(Math.max(pod.peak(), consumer.peak()) <= most, told)
    return told
  } finally {
    await Promise.all([pod.stop(), consumer.stop()])
  }
}

export const memory: Scenario = {
  fault: 'a million users and 100,000 pages in a window of ten seconds',
  expected: `at most ${most} MB in any pod; the total is exact, and the result says that not all is`,
  on: 'broker',
  longOnly: true,
  run,
}
