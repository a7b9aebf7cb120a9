import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KafkaTopic } from '../api/kubernetes.ts'
import { fakeClock } from '../testing/clock.ts'
import { keptLogger } from '../testing/logger.ts'
import { topicController } from './controller.ts'
import { memoryBroker } from './testing/broker.ts'
import { topicCluster } from './testing/cluster.ts'
import { kafkaTopic } from './testing/topic.ts'

/** The controller running, with time that stands still until it is told to move. */
function running(
  t: { after: (end: () => Promise<void>) => void },
  { topics = [], fault }: { topics?: KafkaTopic[]; fault?: Error },
) {
  const clock = fakeClock()
  const cluster = topicCluster(...topics)
  const broker = Object.assign(memoryBroker(), { fault })
  const { logger } = keptLogger()
  const end = new AbortController()
  const controller = topicController({
    cluster,
    broker,
    kafkaCluster: 'data-on-eks',
    logger,
    signal: end.signal,
    clock,
    now: () => 0,
  })
  cluster.watch((topic) => controller.changed(topic))
  for (const topic of topics) controller.changed(topic)
  const over = controller.run()
  t.after(() => {
    end.abort()
    return over
  })
  return {
    clock,
    cluster,
    broker,
    controller,
    ready: (name: string) => cluster.topic(name)?.status?.conditions?.[0],
  }
}

test('an object that waits gets the Kafka topic as soon as its holder is gone', async (t) => {
  const { clock, cluster, broker, ready } = running(t, {
    topics: [kafkaTopic('a'), kafkaTopic('b', { spec: { topicName: 'a' } })],
  })
  await clock.advance(1)
  assert.equal(ready('a')?.status, 'True')
  assert.equal(ready('b')?.reason, 'ResourceConflict')
  cluster.remove({ namespace: 'kafka', name: 'a' })
  await clock.advance(1)
  assert.equal(cluster.topic('a'), undefined)
  assert.equal(ready('b')?.status, 'True')
  assert.equal(broker.topics.get('a')?.topicId, 'id-2')
})

test('a topic that the brokers refuse holds up no other, and is asked for again', async (t) => {
  const { clock, broker, ready } = running(t, {
    topics: [kafkaTopic('big', { spec: { replicas: 3 } }), kafkaTopic('small', { spec: { replicas: 1 } })],
  })
  await clock.advance(1)
  assert.equal(ready('big')?.reason, 'KafkaError')
  assert.equal(ready('small')?.status, 'True')
  const asked: string[] = []
  const { validate } = broker
  broker.validate = (topic) => {
    asked.push(topic.name)
    return validate(topic)
  }
  await clock.advance(5_000)
  assert.deepEqual(asked, ['big'])
  assert.deepEqual(broker.writes, [{ kind: 'create', topic: 'small' }])
})

test('what is deleted in Kafka by hand is back after two minutes', async (t) => {
  const { clock, broker } = running(t, { topics: [kafkaTopic('a')] })
  await clock.advance(1)
  broker.topics.delete('a')
  await clock.advance(119_000)
  assert.equal(broker.topics.has('a'), false)
  await clock.advance(2_000)
  assert.equal(broker.topics.has('a'), true)
})

test('it is not ready until the brokers have answered, also with no topics at all', async (t) => {
  const { clock, broker, controller } = running(t, { fault: new Error('connect ECONNREFUSED') })
  assert.equal(controller.problem(), 'the brokers have not answered yet')
  await clock.advance(2_000)
  assert.equal(controller.problem(), 'the brokers do not answer: connect ECONNREFUSED')
  broker.fault = undefined
  await clock.advance(1_000)
  assert.equal(controller.problem(), undefined)
})
