import assert from 'node:assert/strict'
import { test } from 'node:test'
import pino from 'pino'
import type { KafkaTopic } from '../api/kubernetes.ts'
import { FINALIZER } from './claim.ts'
import { topicReconciler } from './reconcile.ts'
import { memoryBroker } from './testing/broker.ts'
import { topicCluster } from './testing/cluster.ts'
import { mortal } from './testing/mortal.ts'
import { deleting, kafkaTopic, released } from './testing/topic.ts'

const NOON = Date.parse('2026-01-31T12:00:00Z')
const TIME = '2026-01-31T12:00:00.000Z'

function world(...objects: readonly KafkaTopic[]) {
  const cluster = topicCluster(...objects)
  const broker = memoryBroker()
  const logger = pino({ enabled: false })
  const context = { cluster, broker, kafkaCluster: 'data-on-eks', now: () => NOON, logger }
  const reconcile = (name: string, instead: Partial<typeof context> = {}) =>
    topicReconciler({ ...context, ...instead })({ namespace: 'kafka', name })
  return { cluster, broker, reconcile }
}

const readyOf = (topic: KafkaTopic | undefined) => topic?.status?.conditions?.[0]

test('a new topic is claimed, gets the finalizer, then exists in Kafka, then is Ready with its id', async () => {
  const { cluster, broker, reconcile } = world(
    kafkaTopic('a', { spec: { partitions: 6, config: { 'retention.ms': 1000 } } }),
  )
  assert.deepEqual(await reconcile('a'), { kind: 'wait', after: 120_000 })
  assert.deepEqual(broker.topics.get('a'), {
    topicId: 'id-1',
    partitions: 6,
    replicas: 1,
    config: { 'retention.ms': '1000' },
  })
  assert.deepEqual(cluster.writes, ['status a', 'apply a', 'status a'])
  assert.deepEqual(cluster.topic('a')?.metadata.finalizers, [FINALIZER])
  assert.deepEqual(cluster.topic('a')?.status, {
    observedGeneration: 1,
    topicName: 'a',
    topicId: 'id-1',
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: TIME }],
  })
})

test('a second pass writes nothing, neither to Kubernetes nor to Kafka', async () => {
  const { cluster, broker, reconcile } = world(kafkaTopic('a', { spec: { partitions: 6 } }))
  await reconcile('a')
  cluster.writes.length = 0
  broker.writes.length = 0
  await reconcile('a')
  assert.deepEqual([...cluster.writes, ...broker.writes], [])
})

test('a topic that was changed in Kafka by hand, or deleted there, is as the spec says after the next look', async () => {
  const { cluster, broker, reconcile } = world(kafkaTopic('a', { spec: { partitions: 2 } }))
  await reconcile('a')
  await broker.configure('a', { set: { 'retention.ms': '5' }, unset: [] })
  await reconcile('a')
  assert.deepEqual(broker.topics.get('a')?.config, {})
  await broker.delete('a')
  await reconcile('a')
  assert.equal(broker.topics.get('a')?.partitions, 2)
  assert.equal(cluster.topic('a')?.status?.topicId, 'id-2')
})

/** A topic that somebody else made. */
const theirs = { name: 'a', partitions: 2, replicas: 1, config: { 'retention.ms': '5' } }
const adopt = { 'clickstream.dev/adopt': 'true' }

test('a topic that somebody else made is left alone, also when its object goes, until the user consents', async () => {
  const { cluster, broker, reconcile } = world(kafkaTopic('a', { spec: { partitions: 4 } }))
  await broker.create(theirs)
  const before = structuredClone(broker.topics)
  assert.deepEqual(await reconcile('a'), { kind: 'wait', after: 5_000 })
  assert.deepEqual(broker.topics, before)
  assert.deepEqual(
    [cluster.topic('a')?.metadata.finalizers, cluster.topic('a')?.status?.topicName],
    [undefined, undefined],
  )
  assert.deepEqual(readyOf(cluster.topic('a')), {
    type: 'Ready',
    status: 'False',
    reason: 'ResourceConflict',
    message:
      'Kafka has a topic a that was not made for this KafkaTopic, so it is left alone: to take it over with its data ' +
      'annotate the KafkaTopic with clickstream.dev/adopt=true',
    lastTransitionTime: TIME,
  })
  cluster.put(kafkaTopic('a', { spec: { partitions: 4 }, annotations: adopt }))
  await reconcile('a')
  assert.deepEqual(broker.topics.get('a'), { topicId: 'id-1', partitions: 4, replicas: 1, config: {} })
  assert.equal(readyOf(cluster.topic('a'))?.status, 'True')
  cluster.put(kafkaTopic('a', { spec: { partitions: 5 } }))
  await reconcile('a')
  assert.equal(broker.topics.get('a')?.partitions, 5)
})

test('an object that was refused a topic goes without it', async () => {
  const { cluster, broker, reconcile } = world(kafkaTopic('a'))
  await broker.create(theirs)
  await reconcile('a')
  cluster.put(kafkaTopic('a', { metadata: { finalizers: [FINALIZER] } }))
  cluster.remove({ namespace: 'kafka', name: 'a' })
  await reconcile('a')
  assert.deepEqual([cluster.topic('a'), broker.topics.has('a')], [undefined, true])
})

test('a controller that dies between any two steps of a creation leaves a topic that is its own', async () => {
  for (const death of [1, 2, 3, 4].flatMap((at) => [false, true].map((done) => ({ at, done })))) {
    const { cluster, broker, reconcile } = world(kafkaTopic('a', { spec: { partitions: 4 } }))
    await reconcile('a', mortal(cluster, broker, death)).catch(() => {})
    await reconcile('a')
    assert.equal(readyOf(cluster.topic('a'))?.status, 'True', JSON.stringify(death))
    assert.equal(cluster.topic('a')?.status?.topicId, 'id-1')
  }
})

test('a topic that somebody makes while ours is being made is left alone, and the claim is given up', async () => {
  const { cluster, broker, reconcile } = world(kafkaTopic('a', { spec: { partitions: 4 } }))
  const { create } = broker
  broker.create = async (topic) => {
    await create(theirs)
    return create(topic)
  }
  await reconcile('a')
  assert.equal(readyOf(cluster.topic('a'))?.reason, 'ResourceConflict')
  assert.equal(cluster.topic('a')?.status?.topicName, undefined)
  await reconcile('a')
  assert.equal(broker.topics.get('a')?.partitions, 2)
})

test('what Kafka cannot do is refused in the status, and the rest of the spec is done', async () => {
  const { cluster, broker, reconcile } = world(
    kafkaTopic('a', { spec: { partitions: 1, config: { 'retention.ms': 1000 } }, annotations: adopt }),
  )
  await broker.create({ name: 'a', partitions: 3, replicas: 1, config: {} })
  assert.deepEqual(await reconcile('a'), { kind: 'wait', after: 120_000 })
  assert.deepEqual(broker.topics.get('a')?.partitions, 3)
  assert.deepEqual(broker.topics.get('a')?.config, { 'retention.ms': '1000' })
  assert.deepEqual(readyOf(cluster.topic('a')), {
    type: 'Ready',
    status: 'False',
    reason: 'NotSupported',
    message: 'Decreasing partitions not supported: spec.partitions is 1, the topic has 3',
    lastTransitionTime: TIME,
  })
})

test("a broker's refusal is KafkaError with its words, is tried again, and leaves the name free to change", async () => {
  const { cluster, broker, reconcile } = world(kafkaTopic('a', { spec: { replicas: 3 } }))
  assert.deepEqual(await reconcile('a'), { kind: 'wait', after: 5_000 })
  assert.equal(readyOf(cluster.topic('a'))?.reason, 'KafkaError')
  assert.match(readyOf(cluster.topic('a'))?.message ?? '', /^Unable to replicate the partition 3 time/)
  assert.equal(cluster.topic('a')?.status?.topicName, undefined)
  assert.equal(broker.topics.size, 0)
})

test('with Kafka away a topic keeps its name and id, and is Ready again when Kafka is back', async () => {
  const { cluster, broker, reconcile } = world(kafkaTopic('a'))
  await reconcile('a')
  broker.fault = new Error('connect ECONNREFUSED')
  assert.deepEqual(await reconcile('a'), { kind: 'wait', after: 5_000 })
  assert.deepEqual(cluster.topic('a')?.status, {
    observedGeneration: 1,
    topicName: 'a',
    topicId: 'id-1',
    conditions: [
      {
        type: 'Ready',
        status: 'False',
        reason: 'KafkaError',
        message: 'connect ECONNREFUSED',
        lastTransitionTime: TIME,
      },
    ],
  })
  broker.fault = undefined
  await reconcile('a')
  assert.equal(readyOf(cluster.topic('a'))?.status, 'True')
})

test('the younger of two objects waits until the older and its topic are gone', async () => {
  const { cluster, broker, reconcile } = world(kafkaTopic('a'), kafkaTopic('b', { spec: { topicName: 'a' } }))
  await reconcile('a')
  await reconcile('b')
  assert.deepEqual(cluster.topic('b')?.metadata.finalizers, undefined)
  assert.equal(readyOf(cluster.topic('b'))?.message, "Managed by Ref{namespace='kafka', name='a'}")
  cluster.remove({ namespace: 'kafka', name: 'a' })
  await reconcile('b')
  assert.equal(readyOf(cluster.topic('b'))?.reason, 'ResourceConflict')
  assert.deepEqual(await reconcile('a'), { kind: 'done' })
  assert.equal(cluster.topic('a'), undefined)
  assert.equal(broker.topics.has('a'), false)
  await reconcile('b')
  assert.equal(broker.topics.get('a')?.topicId, 'id-2')
})

test('an object that is being deleted stays, and says why, as long as Kafka does not delete its topic', async () => {
  const { cluster, broker, reconcile } = world(kafkaTopic('a'))
  await reconcile('a')
  cluster.remove({ namespace: 'kafka', name: 'a' })
  broker.fault = new Error('Topic deletion is disabled.')
  assert.deepEqual(await reconcile('a'), { kind: 'wait', after: 5_000 })
  assert.equal(readyOf(cluster.topic('a'))?.message, 'Topic deletion is disabled.')
  broker.fault = undefined
  await reconcile('a')
  assert.equal(cluster.topic('a'), undefined)
})

test('the object of a released topic goes without its topic', async () => {
  const { cluster, broker, reconcile } = world(kafkaTopic('a'))
  await reconcile('a')
  cluster.put(kafkaTopic('a', { annotations: released }))
  await reconcile('a')
  assert.equal(readyOf(cluster.topic('a'))?.type, 'Unmanaged')
  cluster.remove({ namespace: 'kafka', name: 'a' })
  await reconcile('a')
  assert.equal(cluster.topic('a'), undefined)
  assert.equal(broker.topics.has('a'), true)
})

test('a defect is InternalError in the status, which forgets nothing, and the pass fails', async () => {
  const { cluster, reconcile } = world(kafkaTopic('a'))
  await reconcile('a')
  cluster.list = () => {
    throw new TypeError('x is not a function')
  }
  await assert.rejects(reconcile('a'), /x is not a function/)
  assert.equal(readyOf(cluster.topic('a'))?.reason, 'InternalError')
  assert.equal(cluster.topic('a')?.status?.topicName, 'a')
})

test('an object that is gone, or not ours, costs nothing', async () => {
  const { cluster, broker, reconcile } = world(kafkaTopic('a', { cluster: 'other', metadata: deleting }))
  assert.deepEqual(await reconcile('a'), { kind: 'done' })
  assert.deepEqual(await reconcile('absent'), { kind: 'done' })
  assert.deepEqual([...cluster.writes, ...broker.writes], [])
})
