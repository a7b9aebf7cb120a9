import assert from 'node:assert/strict'
import { test } from 'node:test'
import { key, ready, says } from '../testing/world.ts'

const eventsAt = { namespace: 'shop', name: 'clickstream-events' }

test('a KafkaTopic with our labels that is of another topic in Kafka is not taken for ours, nor does it go with the pipeline', async () => {
  const on = await ready({ deletionPolicy: 'Delete' })
  const topic = on.cluster.get('KafkaTopic', eventsAt)!
  const other = { ...topic, spec: { ...topic.spec, topicName: 'payments' } }
  const metadata = { ...eventsAt, labels: topic.metadata.labels, annotations: topic.metadata.annotations }
  on.cluster.put({ ...other, metadata } as typeof topic, 'kubectl')
  const { generation: observedGeneration } = on.cluster.get('KafkaTopic', eventsAt)!.metadata
  const conditions = [{ type: 'Ready', status: 'True' }]
  on.cluster.report('KafkaTopic', eventsAt, { observedGeneration, topicName: 'payments', conditions })
  await on.pass()
  assert.deepEqual(
    [says(on.cluster, 'Ready').message, says(on.cluster, 'TopicsReady').status],
    [
      'KafkaTopic clickstream-events is of the topic payments in Kafka, so it was left alone: give this pipeline another ' +
        'name, or delete KafkaTopic clickstream-events: the data of payments go with it, unless it is annotated ' +
        'strimzi.io/managed=false before',
      'False',
    ],
  )
  on.cluster.remove('ClickstreamPipeline', key)
  await on.pass()
  await on.pass()
  assert.deepEqual(
    on.cluster.list('KafkaTopic').map(({ metadata: { name } }) => name),
    ['clickstream-events'],
  )
})

test('a topic whose spec.topicName was edited by hand after it was made is ours still', async () => {
  const { cluster, pass } = await ready({ deletionPolicy: 'Delete' })
  cluster.report('KafkaTopic', eventsAt, { topicName: 'clickstream-events' })
  const { apiVersion } = cluster.get('KafkaTopic', eventsAt)!
  const edited = {
    apiVersion,
    kind: 'KafkaTopic',
    metadata: eventsAt,
    spec: { topicName: 'payments' },
  } as const
  cluster.put(edited, 'kubectl')
  cluster.remove('ClickstreamPipeline', key)
  await pass()
  assert.deepEqual(cluster.list('KafkaTopic'), [])
})
