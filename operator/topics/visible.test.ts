import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeClock } from '../testing/clock.ts'
import type { BrokerTopic, TopicBroker } from './broker.ts'
import { memoryBroker } from './testing/broker.ts'
import { visible } from './visible.ts'

/** A broker that shows a write only after `lag` ms, as one that lags behind Kafka's controller. */
function lagging(lag: number) {
  const clock = fakeClock()
  const controller = memoryBroker()
  let shown = new Map<string, BrokerTopic>()
  const later = () => {
    const topics = structuredClone(controller.topics)
    clock.after(lag, () => (shown = topics))
  }
  const told = async <T>(work: Promise<T>): Promise<T> => {
    const answer = await work
    later()
    return answer
  }
  const broker: TopicBroker = {
    ...controller,
    describe: async (name) => shown.get(name),
    create: (topic) => told(controller.create(topic)),
    grow: (topic, partitions) => told(controller.grow(topic, partitions)),
    configure: (topic, changes) => told(controller.configure(topic, changes)),
    delete: (topic) => told(controller.delete(topic)),
  }
  return { clock, broker: visible(broker, clock, new AbortController().signal) }
}

async function settled(work: Promise<unknown>): Promise<() => boolean> {
  let over = false
  void work.then(() => (over = true))
  return () => over
}

const writes: { it: string; work: (broker: TopicBroker) => Promise<unknown> }[] = [
  {
    it: 'a creation',
    work: (broker) => broker.create({ name: 'b', partitions: 1, replicas: 1, config: {} }),
  },
  { it: 'a growth', work: (broker) => broker.grow('a', 2) },
  {
    it: 'a setting',
    work: (broker) => broker.configure('a', { set: { 'cleanup.policy': 'compact' }, unset: [] }),
  },
  { it: 'a removed setting', work: (broker) => broker.configure('a', { set: {}, unset: ['segment.ms'] }) },
  { it: 'a deletion', work: (broker) => broker.delete('a') },
]
for (const { it, work } of writes) {
  test(`${it} is over when the broker shows it, and not before`, async () => {
    const { clock, broker } = lagging(100)
    const made = broker.create({ name: 'a', partitions: 1, replicas: 1, config: { 'segment.ms': '5' } })
    await clock.advance(1_000)
    await made
    const over = await settled(work(broker))
    await clock.advance(90)
    assert.equal(over(), false)
    await clock.advance(400)
    assert.equal(over(), true)
  })
}

test('a write that never shows is believed after five seconds', async () => {
  const { clock, broker } = lagging(1_000_000)
  const over = await settled(broker.create({ name: 'a', partitions: 1, replicas: 1, config: {} }))
  await clock.advance(4_900)
  assert.equal(over(), false)
  await clock.advance(6_000)
  assert.equal(over(), true)
})
