import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import pino from 'pino'
import { type Broker, startKafka } from '../../../dev/kafka.ts'
import { until } from '../../../dev/until.ts'
import type { KafkaTopic } from '../../../operator/api/kubernetes.ts'
import type { TopicBroker } from '../../../operator/topics/broker.ts'
import { topicReconciler } from '../../../operator/topics/reconcile.ts'
import { topicCluster } from '../../../operator/topics/testing/cluster.ts'
import { kafkaTopic } from '../../../operator/topics/testing/topic.ts'
import { visible } from '../../../operator/topics/visible.ts'
import { systemClock } from '../../../operator/reconcile/clock.ts'
import { openAdmin } from '../../../runtime/kafka/admin.ts'

/** The controller's pass against a real broker, with the API server in memory. */

const directory = mkdtempSync(join(tmpdir(), 'topics-'))
let kafka: Broker
let broker: TopicBroker

before(async () => {
  kafka = await startKafka({ directory })
  const admin = openAdmin({ bootstrapServers: kafka.bootstrapServers, clientId: 'test' })
  broker = visible(admin, systemClock, new AbortController().signal)
})
after(async () => {
  await broker.close()
  await kafka.kill()
  rmSync(directory, { recursive: true })
})

function world(topic: KafkaTopic) {
  const cluster = topicCluster(topic)
  const logger = pino({ enabled: false })
  const reconcile = topicReconciler({ cluster, broker, kafkaCluster: 'data-on-eks', now: Date.now, logger })
  const { name } = topic.metadata
  return {
    cluster,
    reconcile: () => reconcile({ namespace: 'kafka', name }),
    status: () => cluster.topic(name)?.status,
    ready: () => cluster.topic(name)?.status?.conditions?.[0],
  }
}

test('a topic is made, grows, changes its settings and is deleted, and keeps its id as long as it lives', async () => {
  const { cluster, reconcile, status, ready } = world(
    kafkaTopic('life', { spec: { partitions: 2, replicas: 1, config: { 'retention.ms': 60_000 } } }),
  )
  await reconcile()
  const made = await broker.describe('life')
  assert.equal(made?.partitions, 2)
  assert.deepEqual(made?.config, { 'retention.ms': '60000' })
  assert.match(made?.topicId ?? '', /^[\w-]{22}$/)
  assert.equal(status()?.topicId, made?.topicId)
  assert.equal(ready()?.status, 'True')

  cluster.put(kafkaTopic('life', { spec: { partitions: 3, config: { 'cleanup.policy': 'compact' } } }))
  await reconcile()
  assert.deepEqual(await broker.describe('life'), {
    topicId: made?.topicId,
    partitions: 3,
    replicas: 1,
    config: { 'cleanup.policy': 'compact' },
  })
  assert.equal(status()?.observedGeneration, 2)

  cluster.remove({ namespace: 'kafka', name: 'life' })
  await reconcile()
  assert.equal(cluster.topic('life'), undefined)
  assert.equal(await broker.describe('life'), undefined)
})

test("what the spec leaves out is the broker's default", async () => {
  const { reconcile, ready } = world(kafkaTopic('plain'))
  await reconcile()
  assert.equal(ready()?.status, 'True')
  const { partitions, replicas, config } = (await broker.describe('plain')) ?? {}
  assert.deepEqual({ partitions, replicas, config }, { partitions: 1, replicas: 1, config: {} })
})

test('in whatever way a setting is written, a second pass writes nothing', async () => {
  const config = JSON.parse(`{
    "cleanup.policy": "compact, delete", "retention.ms": " +1000", "min.cleanable.dirty.ratio": 0.50,
    "segment.ms": "007", "preallocate": "FALSE", "flush.messages": 9223372036854775807,
    "max.compaction.lag.ms": "9223372036854775807", "compression.type": "gzip", "local.retention.ms": -2,
    "leader.replication.throttled.replicas": ["0:1", "1:1"], "delete.retention.ms": null }`)
  const { cluster, reconcile, ready } = world(kafkaTopic('settings', { spec: { config } }))
  await reconcile()
  assert.equal(ready()?.message, undefined)
  const configured: string[] = []
  const { configure } = broker
  broker.configure = async (topic, changes) => {
    configured.push(JSON.stringify(changes))
    return configure(topic, changes)
  }
  cluster.writes.length = 0
  await reconcile()
  broker.configure = configure
  assert.deepEqual(configured, [])
  assert.deepEqual(cluster.writes, [])
  const stored = (await broker.describe('settings'))?.config ?? {}
  assert.equal(Object.keys(stored).length, 10)
  assert.equal(stored['flush.messages'], '9223372036854775807')
})

const refusals: { it: string; topic: KafkaTopic; words: RegExp }[] = [
  {
    it: 'more replicas than brokers',
    topic: kafkaTopic('replicas', { spec: { replicas: 3 } }),
    words: /target replication factor of 3 cannot be reached because only 1 broker\(s\) are registered/,
  },
  {
    it: 'a setting that Kafka does not know',
    topic: kafkaTopic('unknown-setting', { spec: { config: { 'retention.msec': 1 } } }),
    words: /retention\.msec/,
  },
  {
    it: 'a setting with a wrong value',
    topic: kafkaTopic('wrong-value', { spec: { config: { 'retention.ms': 'a week' } } }),
    words: /a week.*retention\.ms/,
  },
  {
    it: 'a name that no topic can have',
    topic: kafkaTopic('name', { spec: { topicName: 'a b' } }),
    words: /a b/,
  },
]
for (const { it, topic, words } of refusals) {
  test(`${it}: KafkaError, in the broker's words`, async () => {
    const { reconcile, ready, status } = world(topic)
    await reconcile()
    assert.equal(ready()?.reason, 'KafkaError')
    assert.match(ready()?.message ?? '', words)
    assert.equal(status()?.topicName, undefined)
  })
}

test('a wrong setting on a topic that exists is KafkaError too, and the topic grows all the same', async () => {
  const { cluster, reconcile, ready } = world(kafkaTopic('later', { spec: { partitions: 1 } }))
  await reconcile()
  cluster.put(kafkaTopic('later', { spec: { partitions: 2, config: { 'retention.ms': 'a week' } } }))
  await reconcile()
  assert.equal(ready()?.reason, 'KafkaError')
  assert.equal((await broker.describe('later'))?.partitions, 2)
})

test('a broker that is down is KafkaError within seconds, and the topic is Ready again when it is up', async () => {
  const { reconcile, ready, status } = world(kafkaTopic('outage'))
  await reconcile()
  const id = status()?.topicId
  await kafka.kill()
  const start = performance.now()
  await reconcile()
  assert.ok(performance.now() - start < 15_000)
  assert.equal(ready()?.reason, 'KafkaError')
  assert.equal(status()?.topicId, id)
  await kafka.restart()
  await until('ready again', async () => {
    await reconcile()
    return ready()?.status === 'True'
  })
  assert.equal(status()?.topicId, id)
})
