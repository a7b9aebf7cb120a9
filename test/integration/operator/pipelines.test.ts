import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../../dev/until.ts'
import type { Deployment, KafkaTopic, PipelineObject } from '../../../operator/api/kubernetes.ts'
import { condition, create, json, kube, satisfy, says, serve } from './world.ts'

interface ApiEvent {
  reason: string
  regarding: { name: string }
  series?: { count: number }
}

serve()

test('without the KafkaTopic kind a pipeline is stalled and says how to install it; it heals when the kind appears', async () => {
  await create('early')
  const stalled = await says('early', 'Stalled', 'TopicKindMissing')
  assert.match(stalled.message, /kubectl apply -k config\/without-strimzi/)
  await kube('apply --server-side -f config/topics/kafkatopics.yaml')
  await until('the topics', () => json('kafkatopic early-events'), { deadline: 40_000 })
  await says('early', 'Stalled', 'NotStalled')
})

test('pods wait until every topic is ready, and then all come with the pipeline as their owner', async () => {
  await create('shop')
  await says('shop', 'ProducerAvailable', 'WaitingForTopics')
  assert.equal(await json('deployment shop-producer'), undefined)
  await satisfy('shop')
  await says('shop', 'TopicsReady', 'TopicsReady')
  const deployment = await until('the Deployment', () => json<Deployment>('deployment shop-processor'))
  assert.equal(deployment.metadata.ownerReferences?.[0]?.name, 'shop')
  assert.ok(await until('the Service', () => json('service shop-consumer')))
})

test('a restart of the pipeline or of one child stays on the pods when the operator writes them', async () => {
  const pods = async () => (await json<Deployment>('deployment shop-producer'))?.spec.template
  await until('the Deployment', pods)
  await kube('rollout restart deployment shop-producer')
  await kube('annotate csp shop clickstream.dev/restartedAt=now')
  await create('shop', { producer: { rate: 77 } })
  const { metadata } = await until('the new rate', async () => {
    const found = await pods()
    return found?.spec.containers[0]?.env?.some(({ value }) => value === '77') && found
  })
  const annotations = metadata.annotations ?? {}
  assert.equal(annotations['clickstream.dev/restartedAt'], 'now')
  assert.match(annotations['kubectl.kubernetes.io/restartedAt'] ?? '', /^\d{4}-/)
})

test('of data that nobody can be asked about nothing is said', async () => {
  const flowing = await says('shop', 'Flowing', 'NotObserved')
  assert.equal(flowing.status, 'Unknown')
  assert.equal((await json<PipelineObject>('csp shop'))?.status?.['flow'], undefined)
  const wide = await kube('get csp shop --output=wide')
  assert.match(wide, / LAG +FRESHNESS +MESSAGE\n/)
})

test('a topic that somebody else owns is left alone and named', async () => {
  await kube('apply -f -', {
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaTopic',
    metadata: { name: 'taken-events', labels: { 'strimzi.io/cluster': 'data-on-eks' } },
    spec: { partitions: 1 },
  })
  await create('taken')
  const stalled = await says('taken', 'Stalled', 'NameConflict')
  assert.match(stalled.message, /^KafkaTopic taken-events exists and does not belong to this pipeline/)
  assert.equal((await json<KafkaTopic>('kafkatopic taken-events'))?.spec.partitions, 1)
  assert.equal(await json('kafkatopic taken-panes'), undefined)
})

test('kubectl describe shows each change once as an event, and what happens again as a series', async () => {
  const told = async (reason: string) => {
    const list = await json<{ items: ApiEvent[] }>('events.v1.events.k8s.io')
    return list?.items.filter((event) => event.regarding.name === 'shop' && event.reason === reason) ?? []
  }
  await until('the event', async () => (await told('TopicsReady')).length === 1)
  const lost = {
    observedGeneration: 1,
    conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: '2026-01-01T00:00:00Z' }],
  }
  await kube(
    `patch kafkatopic shop-dlq --subresource=status --type=merge --patch ${JSON.stringify({ status: lost })}`,
  )
  await says('shop', 'TopicsReady', 'TopicRefused')
  await satisfy('shop')
  const series = await until('the series', async () => (await told('TopicsReady'))[0]?.series)
  assert.equal(series.count, 2)
  assert.equal((await told('TopicsReady')).length, 1)
  assert.match(
    await kube('describe csp shop'),
    /Normal +TopicsReady .* clickstream-operator +Kafka has every topic/,
  )
  assert.match(await kube('describe csp taken'), /Warning +NameConflict .* KafkaTopic taken-events exists/)
})

test("a refused topic shows the Topic Operator's words in Ready", async () => {
  await create('refused', { topics: { events: { replicas: 3 } } })
  await satisfy('refused')
  const topic = await json<KafkaTopic>('kafkatopic refused-events')
  const refusal = {
    type: 'Ready',
    status: 'False',
    reason: 'KafkaError',
    message: 'replication-factor-3-needs-3-brokers\u001b[2J',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  }
  const status = { observedGeneration: topic?.metadata.generation, conditions: [refusal] }
  await kube(
    `patch kafkatopic refused-events --subresource=status --type=merge --patch ${JSON.stringify({ status })}`,
  )
  const ready = await until('the words', async () => {
    const found = await condition('refused', 'Ready')
    return found?.message.includes('needs-3-brokers') && found
  })
  assert.equal(
    ready.message,
    String.raw`topic refused-events is not ready: KafkaError: replication-factor-3-needs-3-brokers\u001b[2J. ` +
      'Set spec.topics.events.replicas; kubectl describe kafkatopic refused-events says more.',
  )
})

test('deletionPolicy Delete deletes the topics before the pipeline goes; Retain leaves them', async () => {
  await create('gone', { deletionPolicy: 'Delete' })
  await satisfy('gone')
  await until(
    'the finalizer',
    async () => (await json<PipelineObject>('csp gone'))?.metadata.finalizers?.length,
  )
  await kube('delete csp gone --timeout=30s')
  assert.equal(await json('kafkatopic gone-events'), undefined)
  await create('kept')
  await satisfy('kept')
  await kube('delete csp kept --timeout=30s')
  assert.ok(await json('kafkatopic kept-events'))
})
