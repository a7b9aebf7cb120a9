import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiVersion } from '../api/crd.ts'
import type { PipelineObject } from '../api/kubernetes.ts'
import type { FakeCluster } from '../testing/cluster.ts'
import {
  deployments,
  key,
  ready,
  satisfyDeployments,
  satisfyTopics,
  says,
  topics,
  world,
  type World,
} from '../testing/world.ts'
import { ClusterFault } from './cluster.ts'

test('topics first, then pods, then Ready', async () => {
  const { cluster, pass } = world()
  await pass()
  assert.deepEqual(cluster.writes, [
    ...topics.map((name) => `apply KafkaTopic shop/${name}`),
    'status ClickstreamPipeline shop/clickstream',
  ])
  satisfyTopics(cluster)
  await pass()
  assert.ok(deployments.every((name) => cluster.get('Deployment', { namespace: 'shop', name })))
  assert.equal(says(cluster, 'Ready').reason, 'RollingOut')
  satisfyDeployments(cluster)
  await pass()
  assert.equal(says(cluster, 'Ready').reason, 'Ready')
})

test('a second pass over an unchanged pipeline makes no write and tells nothing', async () => {
  const { cluster, pass, told } = await ready()
  await pass()
  assert.deepEqual([cluster.writes, told], [[], []])
})

test('a change is told once, and only after the status has it', async () => {
  const { cluster, pass, put, told } = await ready()
  put({ producer: { rate: 20 } })
  cluster.fail('status', new ClusterFault('etcd is slow', { reason: 'Unavailable', retry: true }))
  cluster.report('Deployment', { namespace: 'shop', name: 'clickstream-producer' }, { replicas: 0 })
  await assert.rejects(pass(), /etcd is slow/)
  assert.deepEqual(told, [])
  await pass()
  await pass()
  assert.deepEqual(told, [
    'Normal NotReady shop/clickstream: RollingOut: Deployment clickstream-producer: 0 of 1 pods are available',
  ])
})

test('an edit of the rate writes the producer and the status, nothing else', async () => {
  const { cluster, pass, put } = await ready()
  put({ producer: { rate: 20 } })
  await pass()
  assert.deepEqual(cluster.writes, [
    'apply Deployment shop/clickstream-producer',
    'status ClickstreamPipeline shop/clickstream',
  ])
})

const windowGenerationOf = ({ cluster }: World): string | undefined => {
  const processor = cluster.get('Deployment', { namespace: 'shop', name: 'clickstream-processor' })
  const env = processor?.spec.template.spec.containers[0]?.env
  return env?.find(({ name }) => name === 'WINDOW_GENERATION')?.value
}

test('an edit of the window carries its generation to the processor, a later edit of the rate does not', async () => {
  const on = await ready()
  assert.equal(windowGenerationOf(on), '1')
  on.put({ processor: { window: { size: '1m' } } })
  await on.pass()
  assert.equal(windowGenerationOf(on), '2')
  on.put({ processor: { window: { size: '1m' } }, producer: { rate: 20 } })
  await on.pass()
  assert.equal(windowGenerationOf(on), '2')
})

test('a processor that was deleted comes back with the generation of its window, or with that of an edit meanwhile', async () => {
  const on = await ready()
  const lose = () => on.cluster.remove('Deployment', { namespace: 'shop', name: 'clickstream-processor' })
  on.put({ producer: { rate: 20 } })
  await on.pass()
  lose()
  await on.pass()
  assert.equal(windowGenerationOf(on), '1')
  lose()
  on.put({ processor: { window: { size: '60s', slide: '10s' } } })
  await on.pass()
  assert.equal(windowGenerationOf(on), '3')
})

test('a step that fails does not keep the others from being tried, and the pass is retried', async () => {
  const { cluster, pass } = world()
  cluster.fail(
    'apply KafkaTopic shop/clickstream-panes',
    new ClusterFault('etcd is slow', { reason: 'Unavailable', retry: true }),
  )
  await assert.rejects(pass(), /etcd is slow/)
  assert.equal(cluster.writes.filter((line) => line.startsWith('apply')).length, 4)
  assert.equal(says(cluster, 'Stalled').status, 'False')
  await pass()
  assert.ok(cluster.get('KafkaTopic', { namespace: 'shop', name: 'clickstream-panes' }))
})

test('what the API server refuses is said in its own words, and healed when it no longer does', async () => {
  const { cluster, pass } = world()
  const refusal = 'kafkatopics.kafka.strimzi.io "clickstream-events" is forbidden: exceeded quota'
  cluster.fail(
    'apply KafkaTopic shop/clickstream-events',
    new ClusterFault(refusal, { reason: 'Forbidden', retry: false }),
  )
  await assert.rejects(pass(), /exceeded quota/)
  assert.deepEqual([says(cluster, 'Stalled').reason, says(cluster, 'Ready').message], ['Refused', refusal])
  await pass()
  assert.equal(says(cluster, 'Stalled').status, 'False')
})

test('a hand edit is reverted, a field of somebody else stays', async () => {
  const { cluster, pass } = await ready()
  const at = { namespace: 'shop', name: 'clickstream-consumer' }
  cluster.put(
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { ...at, labels: { team: 'web' } },
      spec: { replicas: 4 },
    },
    'kubectl',
  )
  await pass()
  const consumer = cluster.get('Deployment', at)
  assert.deepEqual([consumer?.spec.replicas, consumer?.metadata.labels?.['team']], [1, 'web'])
})

/** The annotations of the pods of each role. */
const podAnnotations = (cluster: FakeCluster) =>
  deployments.map(
    (name) => cluster.get('Deployment', { namespace: 'shop', name })?.spec.template.metadata.annotations,
  )

test('the restart annotation of a pipeline reaches the pods of every role, and goes with it', async () => {
  const { cluster, pass } = await ready()
  const annotate = (annotations: Record<string, string>) =>
    cluster.put(
      {
        apiVersion,
        kind: 'ClickstreamPipeline',
        metadata: { ...key, annotations },
      },
      'kubectl',
    )
  annotate({ 'clickstream.dev/restartedAt': '2026-01-31T13:00:00Z', other: 'x' })
  await pass()
  const restarted = { 'clickstream.dev/restartedAt': '2026-01-31T13:00:00Z' }
  assert.deepEqual(podAnnotations(cluster), [restarted, restarted, restarted])
  assert.equal(says(cluster, 'Ready').reason, 'RollingOut')
  annotate({})
  await pass()
  assert.deepEqual(podAnnotations(cluster), [undefined, undefined, undefined])
})

test('kubectl rollout restart of a child survives passes that write that child', async () => {
  const { cluster, pass, put } = await ready()
  const restarted = { 'kubectl.kubernetes.io/restartedAt': '2026-01-31T13:00:00Z' }
  cluster.put(
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace: 'shop', name: 'clickstream-producer' },
      spec: { template: { metadata: { annotations: restarted } } },
    },
    'kubectl',
  )
  cluster.writes.length = 0
  await pass()
  assert.deepEqual(
    cluster.writes.filter((line) => line.includes('Deployment')),
    [],
  )
  put({ producer: { rate: 20 } })
  await pass()
  assert.ok(cluster.writes.includes('apply Deployment shop/clickstream-producer'))
  assert.deepEqual(podAnnotations(cluster)[0], restarted)
})

test('an invalid spec changes nothing that runs', async () => {
  const { cluster, pass, put } = await ready()
  put({ processor: { replicas: 99 } })
  await pass()
  assert.deepEqual(cluster.writes, ['status ClickstreamPipeline shop/clickstream'])
  assert.match(says(cluster, 'Ready').message, /processor\.replicas must not exceed/)
})

test('a pipeline that is gone is no error', async () => {
  const { cluster, pass } = world()
  cluster.remove('ClickstreamPipeline', key)
  assert.deepEqual(await pass(), { kind: 'done' })
})

test('a status that somebody else wrote nonsense into is written anew', async () => {
  const { cluster, pass } = await ready()
  cluster.report('ClickstreamPipeline', key, { conditions: 'none' } satisfies PipelineObject['status'])
  await pass()
  assert.equal(says(cluster, 'Ready').status, 'True')
})

for (const [reason, expected] of [
  ['Forbidden', 'Refused'],
  ['Unavailable', 'Progressing'],
] as const) {
  test(`a generation that cannot be applied is never Ready: ${reason} is said as ${expected}`, async () => {
    const { cluster, pass, put } = await ready()
    put({ producer: { rate: 20 } })
    const fault = new ClusterFault('no rights, or no answer', { reason, retry: true })
    cluster.fail('apply Deployment shop/clickstream-producer', fault)
    await assert.rejects(pass(), /no rights, or no answer/)
    const { status, message, observedGeneration } = says(cluster, 'Ready')
    assert.deepEqual([status, message, observedGeneration], ['False', 'no rights, or no answer', 2])
    assert.equal(says(cluster, 'Ready').reason, expected)
  })
}

test('a topic that was deleted by hand is made again, and it is told that its records went with it', async () => {
  const { cluster, pass, told } = await ready()
  cluster.remove('KafkaTopic', { namespace: 'shop', name: 'clickstream-events' })
  await pass()
  assert.ok(cluster.get('KafkaTopic', { namespace: 'shop', name: 'clickstream-events' }))
  const recreated =
    'Warning TopicRecreated shop/clickstream: KafkaTopic clickstream-events was deleted and made again: ' +
    'the records of the topic went with it'
  assert.deepEqual(
    told.filter((line) => line.includes('TopicRecreated')),
    [recreated],
  )
  satisfyTopics(cluster)
  await pass()
  assert.equal(told.filter((line) => line.includes('TopicRecreated')).length, 1)
})
