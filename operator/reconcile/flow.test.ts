import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Flow } from '../api/status.ts'
import { aReading } from '../testing/summary.ts'
import { key, ready, satisfyDeployments, says } from '../testing/world.ts'

test('what the consumer says is written when it is news, and data that stand still write nothing', async () => {
  const { cluster, pass, see, elapse } = await ready()
  const flow = () => cluster.get('ClickstreamPipeline', key)?.status?.['flow'] as Flow | undefined
  assert.equal(says(cluster, 'Flowing').reason, 'NotObserved')
  see(aReading(elapse(20_000)))
  await pass()
  assert.deepEqual(cluster.writes, ['status ClickstreamPipeline shop/clickstream'])
  assert.deepEqual([says(cluster, 'Flowing').status, flow()?.lag], ['True', 7])
  see(aReading(elapse(300_000), { freshnessSeconds: 320 }))
  await pass()
  assert.equal(cluster.writes.length, 1)
  see(aReading(elapse(15_000), { lag: null }))
  await pass()
  assert.deepEqual([cluster.writes.length, flow()?.lag, flow()?.lateEvents], [2, undefined, 2])
  see('unreadable')
  await pass()
  assert.deepEqual([says(cluster, 'Flowing').status, flow()], ['Unknown', undefined])
})

test('results that do not flow leave Ready true', async () => {
  const { cluster, pass, see, elapse } = await ready()
  see(aReading(elapse(3_600_000), { freshnessSeconds: 3_000 }))
  await pass()
  assert.deepEqual([says(cluster, 'Flowing').reason, says(cluster, 'Ready').status], ['Behind', 'True'])
})

test('processors that have stopped for good stall the pipeline with the cure, and it is told once', async () => {
  const { cluster, pass, see, elapse, told } = await ready()
  const at = { namespace: 'shop', name: 'clickstream-processor' }
  const { status } = cluster.get('Deployment', at)!
  cluster.report('Deployment', at, { ...status, readyReplicas: 0, availableReplicas: 0 })
  await pass()
  told.length = 0
  const halted = 'partition 3 of clickstream-events: the position 7 is not in the log. Delete the four topics'
  see(aReading(elapse(20_000), { halted }))
  await pass()
  for (const type of ['Ready', 'Stalled', 'Flowing']) {
    assert.deepEqual([says(cluster, type).reason, says(cluster, type).message], ['Halted', halted])
  }
  assert.deepEqual(told, [`Warning Halted shop/clickstream: ${halted}`])
  cluster.writes.length = 0
  see(aReading(elapse(15_000), { halted, freshnessSeconds: 60 }))
  await pass()
  assert.deepEqual(cluster.writes, [])
  satisfyDeployments(cluster)
  see(aReading(elapse(15_000), { halted: null }))
  await pass()
  await pass()
  assert.deepEqual([says(cluster, 'Stalled').status, says(cluster, 'Flowing').status], ['False', 'True'])
})
