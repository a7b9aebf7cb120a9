import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drained, last, suspended } from '../testing/suspended.ts'
import { aReading, aSummary } from '../testing/summary.ts'
import { ready, says, world } from '../testing/world.ts'
import { ClusterFault } from './cluster.ts'

const second = 1_000

test('the source stops first; processors and consumers go on until the lag is 0 and the last window is out', async () => {
  const { replicas, hears, halts, cluster, suspension, told } = await suspended()
  assert.deepEqual(replicas(), [0, 1, 1])
  assert.equal(says(cluster, 'Ready').reason, 'Draining')
  await hears(60, { ...drained, lag: 1 })
  assert.deepEqual(replicas(), [0, 1, 1])
  await hears(60, { ...drained, lastWindow: aSummary().lastWindow })
  assert.deepEqual(replicas(), [0, 1, 1])
  await hears(60, drained)
  assert.deepEqual(replicas(), [0, 0, 0])
  assert.equal(says(cluster, 'Suspended').status, 'False')
  await halts()
  const { status, reason, message } = says(cluster, 'Suspended')
  assert.deepEqual(
    [status, reason, message],
    [
      'True',
      'Drained',
      'drained: true. Every event is counted and its windows are out; no pods run. The topics stay.',
    ],
  )
  assert.deepEqual([suspension()?.drained, says(cluster, 'Ready').reason], [true, 'Suspended'])
  assert.match(told.at(-1) ?? '', /^Normal Suspended shop\/clickstream: drained: true/)
})

test('what the consumer said before the last producer was surely silent does not count', async () => {
  const { replicas, hears } = await suspended()
  await hears(29, drained)
  assert.deepEqual(replicas(), [0, 1, 1])
  await hears(1, drained)
  assert.deepEqual(replicas(), [0, 0, 0])
})

test('the last window is the last that holds the newest event, also when windows hop', async () => {
  const window = { size: '5m', slide: '1m' }
  const { replicas, hears } = await suspended({ processor: { window } })
  await hears(60, { ...drained, lastWindow: { ...last, end: '2026-01-31T12:11:00.000Z' } })
  assert.deepEqual(replicas(), [0, 1, 1])
  await hears(60, { ...drained, lastWindow: { ...last, end: '2026-01-31T12:12:00.000Z' } })
  assert.deepEqual(replicas(), [0, 0, 0])
})

test('at its deadline a drain ends without having drained, and says so', async () => {
  const { pass, replicas, hears, halts, cluster, suspension, told, elapse } = await suspended()
  assert.match(says(cluster, 'Suspended').message, /, until 2026-01-31T12:11:40\.000Z at the latest$/)
  await hears(699, { ...drained, lag: 9 })
  assert.deepEqual(replicas(), [0, 1, 1])
  elapse(second)
  await pass()
  assert.deepEqual(replicas(), [0, 1, 1])
  await pass()
  assert.deepEqual(replicas(), [0, 0, 0])
  await halts()
  const { status, reason, message } = says(cluster, 'Suspended')
  assert.deepEqual([status, reason, message.slice(0, 14)], ['True', 'NotDrained', 'drained: false'])
  assert.deepEqual([suspension()?.drained, suspension()?.countedUpTo], [false, last.end])
  assert.match(told.at(-1) ?? '', /^Warning Suspended shop\/clickstream: drained: false/)
})

test('a pipeline in which no event ever came is drained', async () => {
  const { hears, suspension } = await suspended()
  await hears(60, { lag: 0, newestEvent: null, lastWindow: null })
  assert.equal(suspension()?.drained, true)
})

test('a consumer that does not know the lag, or is of an older version, does not make a pipeline drained', async () => {
  const { hears, suspension } = await suspended()
  await hears(60, { ...drained, lag: null })
  const { newestEvent: _, ...older } = drained
  await hears(60, older)
  assert.equal(suspension()?.drained, undefined)
})

test('a pipeline without pods is drained at once', async () => {
  const { cluster, pass } = world({ suspend: true })
  await pass()
  assert.deepEqual(
    [says(cluster, 'Suspended').status, says(cluster, 'Suspended').reason],
    ['True', 'Drained'],
  )
})

test('without a processor nobody drains, so nobody is waited for', async () => {
  const { replicas, suspension, pass } = await suspended({ processor: { replicas: 0 } })
  await pass()
  assert.deepEqual([replicas(), suspension()?.drained], [[0, 0, 0], false])
})

test('processors that have stopped for good are not waited for', async () => {
  const { replicas, suspension, hears, cluster } = await suspended()
  const at = { namespace: 'shop', name: 'clickstream-processor' }
  await hears(5, { halted: 'partition 3 is lost' })
  assert.equal(suspension()?.drained, undefined)
  cluster.report('Deployment', at, { ...cluster.get('Deployment', at)?.status, availableReplicas: 0 })
  await hears(5, { halted: 'partition 3 is lost' })
  await hears(5, { halted: 'partition 3 is lost' })
  assert.deepEqual([replicas(), suspension()?.drained], [[0, 0, 0], false])
})

test('a producer that goes on running is not waited for longer than the deadline', async () => {
  const { put, pass, elapse, cluster } = await ready()
  put({ suspend: true })
  await pass()
  elapse(700 * second)
  await pass()
  await pass()
  const consumer = cluster.get('Deployment', { namespace: 'shop', name: 'clickstream-consumer' })
  assert.equal(consumer?.spec.replicas, 0)
  assert.equal(says(cluster, 'Suspended').reason, 'Suspending')
})

test('topics that are not ready keep no pod from being stopped', async () => {
  const { cluster, put, pass } = await ready()
  cluster.serve(undefined)
  put({ suspend: true })
  await pass()
  const producer = cluster.get('Deployment', { namespace: 'shop', name: 'clickstream-producer' })
  assert.equal(producer?.spec.replicas, 0)
})

test('resume restores, tells it, and the next suspension begins anew', async () => {
  const { hears, halts, put, pass, replicas, suspension, told } = await suspended()
  await hears(60, drained)
  await halts()
  put()
  await pass()
  assert.deepEqual([replicas(), suspension()], [[1, 1, 1], undefined])
  assert.deepEqual(
    told.filter((line) => line.includes('Resumed')),
    ['Normal Resumed shop/clickstream: spec.suspend is false.'],
  )
  put({ suspend: true })
  await pass()
  assert.deepEqual([replicas(), suspension()?.drained], [[0, 1, 1], undefined])
})

test('a pass over a suspended pipeline makes no write', async () => {
  const { hears, halts, pass, cluster } = await suspended()
  await hears(60, drained)
  await halts()
  await pass()
  cluster.writes.length = 0
  await pass()
  assert.deepEqual(cluster.writes, [])
})

test('a pipeline that was not suspended yet is not before the Deployment controller has seen that no pods are wanted', async () => {
  const { hears, halts, pass, cluster } = await suspended()
  await hears(60, drained)
  for (const name of ['clickstream-processor', 'clickstream-consumer']) {
    const { metadata } = cluster.get('Deployment', { namespace: 'shop', name })!
    const observedGeneration = metadata.generation! - 1
    cluster.report('Deployment', { namespace: 'shop', name }, { observedGeneration, replicas: 0 })
  }
  await pass()
  assert.deepEqual(
    [says(cluster, 'Suspended').status, says(cluster, 'Ready').reason],
    ['False', 'Suspending'],
  )
  await halts()
  assert.equal(says(cluster, 'Suspended').status, 'True')
})

test('an edit of a suspended pipeline is applied and told at once, as no pods run whose rollout could be waited for', async () => {
  const { put, hears, halts, pass, cluster, told } = await suspended()
  await hears(60, drained)
  await halts()
  const before = told.length
  cluster.writes.length = 0
  put({ suspend: true, producer: { rate: 77 } })
  await pass()
  const { metadata, status } = cluster.get('Deployment', { namespace: 'shop', name: 'clickstream-producer' })!
  assert.notEqual(status?.observedGeneration, metadata.generation)
  assert.deepEqual(
    ['Suspended', 'Ready', 'ProducerAvailable'].map((type) => says(cluster, type).reason),
    ['Drained', 'Suspended', 'ScaledToZero'],
  )
  await halts()
  assert.equal(cluster.writes.length, 2)
  assert.deepEqual(told.slice(before), [])
})

test('what waits to be counted is counted down before it expires', async () => {
  const { hears, halts, pass, elapse, told, cluster } = await suspended()
  await hears(700, { ...drained, lag: 9 })
  await halts()
  assert.equal(
    says(cluster, 'DataExpiring').message,
    'Kafka keeps events in clickstream-events not counted yet until 2026-02-01T12:10:00.000Z',
  )
  told.length = 0
  for (let hour = 0; hour < 25; hour += 1) {
    elapse(3_600 * second)
    await pass()
  }
  const tail = 'events in clickstream-events not counted yet from 2026-02-01T12:10:00.000Z on, in less than'
  const warning = (reason: string) => `Warning ${reason} shop/clickstream: `
  assert.deepEqual(told, [
    `${warning('Expiring')}Kafka deletes ${tail} 12h: set spec.suspend to false before`,
    `${warning('Expiring')}Kafka deletes ${tail} 6h: set spec.suspend to false before`,
    `${warning('Expiring')}Kafka deletes ${tail} 3h: set spec.suspend to false before`,
    `${warning('Expired')}events in clickstream-events not counted yet may be deleted since 2026-02-01T12:10:00.000Z`,
  ])
})

test('a spec that breaks a rule meanwhile does not make a pipeline forget that it was not drained', async () => {
  const { hears, halts, put, pass, suspension } = await suspended()
  await hears(700, { ...drained, lag: 9 })
  await halts()
  put({ suspend: true, processor: { replicas: 99 } })
  await pass()
  put({ suspend: true })
  await pass()
  assert.equal(suspension()?.drained, false)
})

test('an operator that ends before its verdict is written has stopped no processor', async () => {
  const { cluster, see, elapse, pass, replicas, hears, suspension } = await suspended()
  cluster.fail('status', new ClusterFault('gone', { reason: 'Unavailable', retry: true }))
  see(aReading(elapse(60 * second), drained))
  await assert.rejects(pass(), /gone/)
  see(undefined)
  await pass()
  assert.deepEqual([replicas(), suspension()?.drained], [[0, 1, 1], undefined])
  await hears(15, drained)
  assert.deepEqual([replicas(), suspension()?.drained], [[0, 0, 0], true])
})
