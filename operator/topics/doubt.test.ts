import assert from 'node:assert/strict'
import { test } from 'node:test'
import pino from 'pino'
import type { KafkaTopic } from '../api/kubernetes.ts'
import { FINALIZER } from './claim.ts'
import { topicReconciler } from './reconcile.ts'
import { memoryBroker } from './testing/broker.ts'
import { topicCluster } from './testing/cluster.ts'
import { deleting, kafkaTopic, type TopicFields } from './testing/topic.ts'

/** A controller claimed the topic and died; then somebody else made one of its name. */
const doubtful = async (metadata: Partial<KafkaTopic['metadata']> = {}) => {
  const cluster = topicCluster(
    kafkaTopic('a', { spec: { partitions: 4 }, status: { topicName: 'a' }, metadata }),
  )
  const broker = memoryBroker()
  await broker.create({ name: 'a', partitions: 2, replicas: 1, config: { 'retention.ms': '5' } })
  const before = structuredClone(broker.topics)
  const logger = pino({ enabled: false })
  const context = { cluster, broker, kafkaCluster: 'data-on-eks', now: () => 0, logger }
  await topicReconciler(context)({ namespace: 'kafka', name: 'a' })
  assert.deepEqual(broker.topics, before)
  return cluster.topic('a')
}

test("of a claim whose topic was never seen, what is not as the spec says is somebody else's", async () => {
  const topic = await doubtful()
  assert.equal(topic?.status?.conditions?.[0]?.reason, 'ResourceConflict')
  assert.equal(topic?.status?.topicName, undefined)
})

test('and stays when the object goes', async () => {
  assert.equal(await doubtful(deleting), undefined)
})

const spec = { partitions: 6, config: { 'retention.ms': '60000' } }

/** A KafkaTopic with a topic in one Kafka, and a controller of another, where somebody has a topic of its name. */
const moved = async (config: Record<string, string> = { 'retention.ms': '-1' }) => {
  const cluster = topicCluster(kafkaTopic('a', { cluster: 'here', spec }))
  const controller = (kafkaCluster: string) => {
    const broker = memoryBroker()
    const logger = pino({ enabled: false })
    const reconcile = topicReconciler({ cluster, broker, kafkaCluster, now: () => 0, logger })
    return { broker, pass: () => reconcile({ namespace: 'kafka', name: 'a' }) }
  }
  const [here, there] = [controller('here'), controller('there')]
  await here.pass()
  there.broker.topics.set('a', { topicId: 'theirs', partitions: 6, replicas: 1, config })
  const put = (fields: TopicFields = {}) =>
    cluster.put(kafkaTopic('a', { cluster: 'there', spec, ...fields }))
  put()
  const ready = () => cluster.topic('a')?.status?.conditions?.[0]
  return { cluster, here, there, put, ready }
}

test('a KafkaTopic that moves to another Kafka leaves a topic of somebody else there alone, also when it goes', async () => {
  for (const passes of [0, 2]) {
    const { cluster, here, there, ready } = await moved()
    for (let n = 0; n < passes; n += 1) await there.pass()
    if (passes > 0) assert.equal(ready()?.reason, 'ResourceConflict')
    cluster.remove({ namespace: 'kafka', name: 'a' })
    await there.pass()
    assert.deepEqual([cluster.topic('a'), there.broker.writes], [undefined, []])
    assert.equal(there.broker.topics.get('a')?.topicId, 'theirs')
    assert.equal(here.broker.topics.get('a')?.topicId, 'id-1')
  }
})

test('and takes it over when its user consents', async () => {
  const { cluster, there, put, ready } = await moved()
  await there.pass()
  put({ annotations: { 'clickstream.dev/adopt': 'true' } })
  await there.pass()
  assert.deepEqual(
    [ready()?.status, cluster.topic('a')?.status?.topicId, there.broker.topics.get('a')?.config],
    ['True', 'theirs', spec.config],
  )
  put({ spec: { ...spec, partitions: 7 } })
  await there.pass()
  assert.equal(there.broker.topics.get('a')?.partitions, 7)
})

test('a topic of another id that is exactly as the spec says is its own: it may have been made anew by hand', async () => {
  const { cluster, there, ready } = await moved(spec.config)
  await there.pass()
  assert.deepEqual([ready()?.status, cluster.topic('a')?.status?.topicId], ['True', 'theirs'])
  cluster.remove({ namespace: 'kafka', name: 'a' })
  await there.pass()
  assert.equal(there.broker.topics.has('a'), false)
})

test('a topic of which the brokers tell no id is the one that was claimed', async () => {
  const { there, ready } = await moved()
  there.broker.topics.set('a', { partitions: 2, replicas: 1, config: {} })
  await there.pass()
  assert.deepEqual([ready()?.status, there.broker.topics.get('a')?.partitions], ['True', 6])
})

/** Two KafkaTopics of one topic: an older one that had its topic in another Kafka, and the one that has it in this. */
const contested = async () => {
  const older = { creationTimestamp: '2026-01-31T11:00:00Z', finalizers: [FINALIZER] }
  const cluster = topicCluster(
    kafkaTopic('a', { spec, metadata: older, status: { topicName: 'a', topicId: 'elsewhere' } }),
    kafkaTopic('b', { spec: { ...spec, topicName: 'a' } }),
  )
  const broker = memoryBroker()
  const logger = pino({ enabled: false })
  const pass = (name: string) =>
    topicReconciler({ cluster, broker, kafkaCluster: 'data-on-eks', now: () => 0, logger })({
      namespace: 'kafka',
      name,
    })
  await broker.create({ name: 'a', partitions: 6, replicas: 1, config: spec.config })
  const status = { topicName: 'a', topicId: 'id-1', observedGeneration: 1, conditions: [] }
  const { apiVersion, kind, metadata } = cluster.topic('b')!
  await cluster.applyStatus({ apiVersion, kind, metadata, status })
  const reasons = () =>
    ['a', 'b']
      .map((name) => cluster.topic(name)?.status?.conditions?.[0])
      .map((one) => one?.reason ?? one?.status)
  return { cluster, broker, pass, reasons }
}

test('of two that claimed a topic the one holds it whose id Kafka has, however old the other is', async () => {
  for (const order of [
    ['a', 'b'],
    ['b', 'a'],
  ]) {
    const { cluster, broker, pass, reasons } = await contested()
    broker.writes.length = 0
    for (const name of [...order, ...order]) await pass(name)
    assert.deepEqual(reasons(), ['ResourceConflict', 'True'])
    cluster.remove({ namespace: 'kafka', name: 'a' })
    await pass('a')
    assert.deepEqual([cluster.topic('a'), broker.writes], [undefined, []])
    cluster.remove({ namespace: 'kafka', name: 'b' })
    await pass('b')
    assert.deepEqual([cluster.topic('b'), broker.topics.has('a')], [undefined, false])
  }
})

test('Kafka is asked which of the two it is only where both have claimed the topic, by other ids', async () => {
  const { cluster, broker, pass, reasons } = await contested()
  await pass('a')
  assert.deepEqual(cluster.topic('a')?.status?.topicId, undefined)
  broker.fault = new Error('away')
  await pass('a')
  assert.equal(reasons()[0], 'ResourceConflict')
})

test('while Kafka does not say which of the two it is, neither claim is given up', async () => {
  const { cluster, broker, pass, reasons } = await contested()
  broker.fault = new Error('away')
  for (const name of ['a', 'b']) assert.deepEqual(await pass(name), { kind: 'wait', after: 5_000 })
  assert.deepEqual(reasons(), ['KafkaError', 'KafkaError'])
  assert.deepEqual(
    ['a', 'b'].map((name) => cluster.topic(name)?.status?.topicId),
    ['elsewhere', 'id-1'],
  )
})
