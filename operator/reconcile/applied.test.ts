import assert from 'node:assert/strict'
import { test } from 'node:test'
import { key, ready, satisfyDeployments, satisfyTopics, says, topics, world } from '../testing/world.ts'
import type { FakeCluster } from '../testing/cluster.ts'
import { ClusterFault } from './cluster.ts'

const producer = { namespace: 'shop', name: 'clickstream-producer' }
const quota = () => new ClusterFault('exceeded quota', { reason: 'Forbidden', retry: true })
const said = (cluster: FakeCluster, type: string) => {
  const { status, reason, message } = says(cluster, type)
  return `${status} ${reason}: ${message}`
}
const statusOf = (cluster: FakeCluster) =>
  cluster.get<'ClickstreamPipeline'>('ClickstreamPipeline', key)?.status as {
    producer: { ready: string }
    topics: { events: { ready: boolean } }
  }

test('pods that are well, but not what the spec wants, are not told as available', async () => {
  const { cluster, pass, put } = await ready()
  put({ producer: { replicas: 3 } })
  cluster.fail('apply Deployment shop/clickstream-producer', quota())
  await assert.rejects(pass(), /exceeded quota/)
  const message = 'False Progressing: Deployment clickstream-producer is still to be changed'
  assert.equal(said(cluster, 'ProducerAvailable'), message)
  assert.match(said(cluster, 'ConsumerAvailable'), /^True Available/)
})

test('a topic that is ready, but not as the spec wants it, is not told as ready', async () => {
  const { cluster, pass, put } = await ready()
  put({ topics: { events: { retention: '48h' } } })
  cluster.fail('apply KafkaTopic shop/clickstream-events', quota())
  await assert.rejects(pass(), /exceeded quota/)
  assert.equal(
    said(cluster, 'TopicsReady'),
    'False TopicsNotReady: KafkaTopic clickstream-events is still to be changed',
  )
  assert.equal(statusOf(cluster).topics.events.ready, false)
})

test('topics of somebody else are not told as ready, however well they are', async () => {
  const { cluster, pass } = world()
  for (const name of topics) {
    const metadata = { namespace: 'shop', name, labels: { 'strimzi.io/cluster': 'data-on-eks' } }
    cluster.put(
      { apiVersion: 'kafka.strimzi.io/v1', kind: 'KafkaTopic', metadata, spec: { partitions: 6 } },
      'them',
    )
  }
  satisfyTopics(cluster)
  await pass()
  assert.equal(says(cluster, 'TopicsReady').status, 'False')
  assert.equal(says(cluster, 'Ready').reason, 'NameConflict')
})

test('pods of somebody else are neither told as ours, nor waited for', async () => {
  const { cluster, pass, put, elapse } = await ready()
  cluster.remove('Deployment', producer)
  const theirs = {
    replicas: 5,
    selector: { matchLabels: { app: 'theirs' } },
    template: { spec: { containers: [] } },
  }
  cluster.put({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: producer, spec: theirs }, 'them')
  satisfyDeployments(cluster)
  await pass()
  assert.equal(
    said(cluster, 'ProducerAvailable'),
    'False Progressing: Deployment clickstream-producer is still to be made',
  )
  assert.equal(statusOf(cluster).producer.ready, '0/1')
  assert.equal(says(cluster, 'Ready').reason, 'NameConflict')
  put({ suspend: true })
  for (let passes = 0; passes < 4; passes += 1) {
    await pass()
    satisfyDeployments(cluster)
    elapse(1_000_000)
  }
  assert.equal(says(cluster, 'Suspended').status, 'True')
  assert.equal(cluster.live.get('Deployment', producer)?.spec.replicas, 5)
})

test('a selector that somebody narrowed selects nothing: it is put back, though nothing of ours is missing in it', async () => {
  const { cluster, pass } = await ready()
  const at = { namespace: 'shop', name: 'clickstream-consumer' }
  const selector = () => cluster.get('Service', at)?.spec['selector']
  const ours = selector() as Record<string, string>
  const narrowed = { selector: { ...ours, version: '2' } }
  cluster.put({ apiVersion: 'v1', kind: 'Service', metadata: at, spec: narrowed }, 'kubectl')
  await pass()
  assert.deepEqual(selector(), ours)
  cluster.writes.length = 0
  await pass()
  assert.deepEqual(cluster.writes, [])
})
