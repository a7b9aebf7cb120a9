import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FakeCluster } from '../testing/cluster.ts'
import { key, ready, says } from '../testing/world.ts'

const events = { namespace: 'shop', name: 'clickstream-events' }

/** Somebody makes a topic of ours his own, which the watch does not show. */
const usurp = (cluster: FakeCluster): void => {
  cluster.lag('KafkaTopic')
  const labels = { 'clickstream.dev/pipeline': 'other' }
  cluster.put(
    { apiVersion: 'kafka.strimzi.io/v1', kind: 'KafkaTopic', metadata: { ...events, labels } },
    'other',
  )
}

test("a topic that has become somebody else's, which is not seen yet, is not changed", async () => {
  const { cluster, pass, put } = await ready()
  usurp(cluster)
  put({ topics: { events: { retention: '2h' } } })
  await pass().catch(() => {})
  const { config } = cluster.live.get('KafkaTopic', events)?.spec ?? {}
  assert.notEqual(config?.['retention.ms'], 7_200_000)
  cluster.catchUp()
  await pass()
  assert.equal(says(cluster, 'Ready').reason, 'NameConflict')
})

test('nor is it deleted', async () => {
  const { cluster, pass } = await ready({ deletionPolicy: 'Delete' })
  usurp(cluster)
  cluster.remove('ClickstreamPipeline', key)
  await pass().catch(() => {})
  cluster.catchUp()
  for (let i = 0; i < 3; i++) await pass()
  const left = cluster.list('KafkaTopic').map(({ metadata }) => metadata.name)
  assert.deepEqual(left, [events.name])
})
