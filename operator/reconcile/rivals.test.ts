import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiVersion } from '../api/crd.ts'
import type { Condition, PipelineObject } from '../api/kubernetes.ts'
import { rivalsOf } from '../decide/rivals.ts'
import { pipelineObject } from '../testing/pipelines.ts'
import { key, ready } from '../testing/world.ts'
import { concerned } from './owner.ts'

const kafka = { cluster: 'data-on-eks', bootstrapServers: 'kafka.infra:9092' }
const younger = { namespace: 'web', name: 'clickstream' }

/** A pipeline that is Ready, and a second one of its name in another namespace, made an hour later. */
const two = async (spec: object = { kafka }) => {
  const on = await ready({ kafka })
  on.elapse(3_600_000)
  on.cluster.put({ apiVersion, kind: 'ClickstreamPipeline', metadata: younger, spec })
  await on.pass(younger)
  const says = (type: string) => {
    const status = on.cluster.get('ClickstreamPipeline', younger)?.status as { conditions: Condition[] }
    return status.conditions.find((condition) => condition.type === type)
  }
  return { ...on, says }
}

test('of two pipelines with the same topics the younger says Conflict and makes nothing, the older is untouched', async () => {
  const { cluster, pass, says } = await two()
  assert.equal(says('Stalled')?.reason, 'Conflict')
  assert.equal(
    says('Ready')?.message,
    'ClickstreamPipeline clickstream in namespace shop is older and has the same topics and groups in the same Kafka, ' +
      'so nothing was applied: give this pipeline another name, or another Kafka',
  )
  assert.deepEqual(cluster.list('KafkaTopic', 'web'), [])
  await pass()
  assert.deepEqual(cluster.writes, ['status ClickstreamPipeline web/clickstream'])
})

test('when the older one has gone the younger goes on', async () => {
  const { cluster, pass, says } = await two()
  cluster.remove('ClickstreamPipeline', key)
  await pass(younger)
  assert.equal(says('Stalled')?.status, 'False')
  assert.equal(cluster.list('KafkaTopic', 'web').length, 4)
})

for (const [servers, expected] of [
  ['other:9092,kafka.infra.svc.cluster.local:9092', 'Conflict'],
  ['KAFKA.infra.svc:9092', 'Conflict'],
  ['kafka.infra.svc.cluster.local.:9092', 'Conflict'],
  ['kafka.infra:9093', 'NotStalled'],
  ['kafka:9092', 'NotStalled'],
] as const) {
  test(`brokers at ${servers} beside kafka.infra:9092: ${expected}`, async () => {
    const { says } = await two({ kafka: { ...kafka, bootstrapServers: servers } })
    assert.equal(says('Stalled')?.reason, expected)
  })
}

test('one broker in common is enough, in whatever order and with the dot of the root or without', () => {
  const seen = (servers: string, namespace: string) =>
    pipelineObject({ kafka: { ...kafka, bootstrapServers: servers } }, { namespace })
  const rivals = (one: string, other: string) => rivalsOf(seen(one, 'shop'), [seen(other, 'web')]).length
  assert.equal(rivals('a.example.com:9092,b.example.com:9092', 'b.example.com:9092,a.example.com:9092'), 1)
  assert.equal(rivals('a.example.com:9092,b.example.com:9092', 'c.example.com:9092,b.example.com.:9092'), 1)
  assert.equal(rivals('a.example.com:9092,b.example.com:9092', 'c.example.com:9092,d.example.com:9092'), 0)
})

test('two Kafkas of the same name, each in the namespace of its pipeline, are two', async () => {
  const on = await ready()
  on.cluster.put({
    apiVersion,
    kind: 'ClickstreamPipeline',
    metadata: younger,
    spec: { kafka: { cluster: 'data-on-eks' } },
  })
  await on.pass(younger)
  assert.equal(on.cluster.list('KafkaTopic', 'web').length, 4)
})

test('a pipeline that comes, goes or is edited calls its namesakes, one whose status is written does not', async () => {
  const { cluster } = await two()
  const names = (object: PipelineObject) => concerned(object, cluster).map(({ namespace }) => namespace)
  const object = cluster.get('ClickstreamPipeline', key)!
  assert.deepEqual(names(object), ['shop'])
  assert.deepEqual(names({ ...object, metadata: { ...object.metadata, generation: 9 } }), ['shop', 'web'])
  assert.deepEqual(names(pipelineObject({}, { namespace: 'gone' })), ['gone', 'shop', 'web'])
})
