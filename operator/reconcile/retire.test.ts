import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deployments, key, ready, says } from '../testing/world.ts'
import { fakeClock } from '../testing/clock.ts'
import { keptLogger } from '../testing/logger.ts'
import { ClusterFault, type Outcome } from './cluster.ts'
import { runController } from './controller.ts'
import { Queue } from './queue.ts'

const eventsAt = { namespace: 'shop', name: 'clickstream-events' }

test('deletion with Retain touches nothing', async () => {
  const { cluster, pass } = await ready()
  cluster.remove('ClickstreamPipeline', key)
  assert.deepEqual(await pass(), { kind: 'done' })
  assert.deepEqual(cluster.writes, [])
})

test('deletion with Delete removes pods and topics, then the finalizer', async () => {
  const { cluster, pass, told } = await ready({ deletionPolicy: 'Delete' })
  cluster.remove('ClickstreamPipeline', key)
  const { kind } = await pass()
  assert.equal(kind, 'wait')
  assert.deepEqual(told, [
    'Normal DeletingTopics shop/clickstream: deletionPolicy is Delete: the topics of the pipeline go, and the data in them',
  ])
  assert.deepEqual(cluster.list('KafkaTopic'), [])
  await pass()
  assert.equal(cluster.get('ClickstreamPipeline', key), undefined)
})

for (const [what, metadata] of Object.entries({
  'another controller owns': {
    labels: {
      'clickstream.dev/pipeline': 'clickstream',
      'app.kubernetes.io/managed-by': 'clickstream-operator',
    },
    ownerReferences: [{ apiVersion: 'v1', kind: 'Other', name: 'x', uid: 'uid-9', controller: true }],
  },
  'lost the label of its pipeline': { labels: { 'app.kubernetes.io/managed-by': 'clickstream-operator' } },
})) {
  test(`a topic that ${what} stays when the pipeline goes`, async () => {
    const { cluster, pass } = await ready({ deletionPolicy: 'Delete' })
    const { apiVersion, kind, spec, metadata: known } = cluster.get('KafkaTopic', eventsAt)!
    const labels = { ...metadata.labels, 'strimzi.io/cluster': known.labels!['strimzi.io/cluster']! }
    cluster.put(
      { apiVersion, kind, spec, metadata: { ...eventsAt, ...metadata, labels } },
      'clickstream-operator',
    )
    cluster.remove('ClickstreamPipeline', key)
    for (let i = 0; i < 2; i++) await pass()
    assert.equal(cluster.get('ClickstreamPipeline', key), undefined)
    assert.deepEqual(
      cluster.list('KafkaTopic').map((topic) => topic.metadata.name),
      [eventsAt.name],
    )
  })
}

test('a topic whose deletion hangs holds the pipeline for four minutes at most', async () => {
  const { cluster, pass, elapse, told } = await ready({ deletionPolicy: 'Delete' })
  const hanging = { namespace: 'shop', name: 'clickstream-events' }
  cluster.put(
    {
      apiVersion: 'kafka.strimzi.io/v1',
      kind: 'KafkaTopic',
      metadata: { ...hanging, finalizers: ['strimzi.io/topic-operator'] },
    },
    'strimzi',
  )
  cluster.remove('ClickstreamPipeline', key)
  const outcomes: Outcome['kind'][] = []
  for (let i = 0; i < 3; i++) outcomes.push((await pass()).kind)
  assert.deepEqual(outcomes, ['wait', 'wait', 'wait'])
  elapse(241_000)
  await pass()
  assert.equal(cluster.get('ClickstreamPipeline', key), undefined)
  assert.deepEqual(told.slice(1), [
    'Warning TopicsLeft shop/clickstream: the pipeline went before these topics, which are marked for deletion: ' +
      'clickstream-events',
  ])
})

test('Retain that comes right before the deletion, or during it, is heeded: nothing is asked to go', async () => {
  for (const isFirst of [true, false]) {
    const { cluster, pass, put, told } = await ready({ deletionPolicy: 'Delete' })
    const steps = [() => put({ deletionPolicy: 'Retain' }), () => cluster.remove('ClickstreamPipeline', key)]
    for (const step of isFirst ? steps : steps.toReversed()) step()
    assert.deepEqual(await pass(), { kind: 'done' })
    assert.equal(cluster.get('ClickstreamPipeline', key), undefined)
    assert.equal(cluster.list('KafkaTopic').length, 4)
    assert.deepEqual(told, [])
  }
})

test('a deletion that is seen after its four minutes still asks the topics to go', async () => {
  const { cluster, pass, elapse } = await ready({ deletionPolicy: 'Delete' })
  cluster.remove('ClickstreamPipeline', key)
  elapse(300_000)
  await pass()
  assert.deepEqual(cluster.list('KafkaTopic'), [])
  assert.equal(cluster.get('ClickstreamPipeline', key), undefined)
})

test('topics whose deletion was refused to the end are not told as marked for it', async () => {
  const { cluster, pass, elapse, told } = await ready({ deletionPolicy: 'Delete' })
  const remove = cluster.delete.bind(cluster)
  cluster.delete = (kind, at, precondition) =>
    at.name === 'clickstream-events'
      ? Promise.reject(new ClusterFault('denied by a webhook', { reason: 'Forbidden', retry: true }))
      : remove(kind, at, precondition)
  cluster.remove('ClickstreamPipeline', key)
  assert.equal((await pass()).kind, 'retry')
  elapse(241_000)
  await pass()
  assert.deepEqual(told.slice(1), [
    'Normal DeletingTopics shop/clickstream: deletionPolicy is Delete: the topics of the pipeline go, and the data in them',
    'Warning TopicsLeft shop/clickstream: the pipeline went before these topics, whose deletion was refused, delete them ' +
      'by hand: clickstream-events',
  ])
})

test('deletions that are refused hold the pipeline for four minutes at most, whatever wait is asked for', async () => {
  const on = await ready({ deletionPolicy: 'Delete' })
  on.cluster.delete = () =>
    Promise.reject(
      new ClusterFault('denied by a webhook', { reason: 'Forbidden', retry: true, retryAfter: 3_600_000 }),
    )
  on.cluster.remove('ClickstreamPipeline', key)
  const [clock, end, { logger }] = [fakeClock(), new AbortController(), keptLogger()]
  const queue = new Queue({ clock })
  const over = runController({ queue, reconcile: on.pass, workers: 1, logger, signal: end.signal, clock })
  queue.add(key)
  let seconds = 0
  for (; on.cluster.get('ClickstreamPipeline', key) !== undefined && seconds < 600; seconds += 1) {
    on.elapse(1_000)
    await clock.advance(1_000)
  }
  end.abort()
  await over
  assert.ok(seconds >= 240 && seconds <= 243, `after ${seconds} s`)
})

test('a change from Delete to Retain takes the finalizer off', async () => {
  const { cluster, pass, put } = await ready({ deletionPolicy: 'Delete' })
  const finalizers = () =>
    cluster.get<'ClickstreamPipeline'>('ClickstreamPipeline', key)?.metadata.finalizers ?? []
  assert.deepEqual(finalizers(), ['clickstream.dev/topics'])
  put({ deletionPolicy: 'Retain' })
  await pass()
  assert.deepEqual(finalizers(), [])
})

/** A pipeline that is made on another Kafka than its deleted namesake, which left its topics there. */
const moved = async (spec: object = {}) => {
  const on = await ready()
  on.cluster.remove('ClickstreamPipeline', key)
  for (const name of deployments) on.cluster.remove('Deployment', { namespace: 'shop', name })
  on.cluster.remove('Service', { namespace: 'shop', name: 'clickstream-consumer' })
  on.put({ kafka: { cluster: 'other' }, ...spec })
  const before = on.cluster.list('KafkaTopic')
  for (let n = 0; n < 3; n += 1) await on.pass()
  assert.deepEqual(on.cluster.list('KafkaTopic'), before)
  return on
}

test('topics that were kept on another Kafka stay what they are, and the pipeline of their name says how to go on', async () => {
  const { cluster } = await moved()
  assert.deepEqual(
    [says(cluster, 'Stalled').reason, says(cluster, 'TopicsReady').status],
    ['NameConflict', 'False'],
  )
  assert.equal(
    says(cluster, 'Ready').message,
    'KafkaTopic clickstream-panes was left by a deleted pipeline of this name on another Kafka ' +
      '(strimzi.io/cluster=data-on-eks), so nothing was applied: give this pipeline another name, or make it on that ' +
      'Kafka, or delete KafkaTopic clickstream-panes: its data go with it, unless it is annotated ' +
      'strimzi.io/managed=false before',
  )
})

test('and do not go with it either, whatever its deletionPolicy is', async () => {
  const { cluster, pass } = await moved({ deletionPolicy: 'Delete' })
  cluster.remove('ClickstreamPipeline', key)
  await pass()
  assert.equal(cluster.get('ClickstreamPipeline', key), undefined)
  assert.equal(cluster.list('KafkaTopic').length, 4)
})

test('when they are gone the pipeline gets its topics on its own Kafka', async () => {
  const { cluster, pass } = await moved()
  for (const { metadata } of cluster.list('KafkaTopic')) cluster.remove('KafkaTopic', metadata)
  await pass()
  const kafkas = cluster.list('KafkaTopic').map(({ metadata }) => metadata.labels?.['strimzi.io/cluster'])
  assert.deepEqual(kafkas, ['other', 'other', 'other', 'other'])
  assert.equal(says(cluster, 'Stalled').status, 'False')
})

test('the Kafka of a topic that was edited by hand is put back, and goes with its pipeline', async () => {
  const { cluster, pass } = await ready({ deletionPolicy: 'Delete' })
  const edit = () => {
    const metadata = { ...eventsAt, labels: { 'strimzi.io/cluster': 'other' } }
    cluster.put({ apiVersion: 'kafka.strimzi.io/v1', kind: 'KafkaTopic', metadata }, 'kubectl')
  }
  edit()
  await pass()
  const events = cluster.get('KafkaTopic', eventsAt)
  assert.equal(events?.metadata.labels?.['strimzi.io/cluster'], 'data-on-eks')
  assert.equal(says(cluster, 'Ready').status, 'True')
  edit()
  cluster.remove('ClickstreamPipeline', key)
  await pass()
  assert.deepEqual(cluster.list('KafkaTopic'), [])
})
