import assert from 'node:assert/strict'
import { test } from 'node:test'
import pino from 'pino'
import type { KafkaTopic } from '../api/kubernetes.ts'
import { topicReconciler } from './reconcile.ts'
import { memoryBroker } from './testing/broker.ts'
import { topicCluster } from './testing/cluster.ts'
import { deleting, kafkaTopic } from './testing/topic.ts'

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
