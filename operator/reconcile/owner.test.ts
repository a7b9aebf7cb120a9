import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeCluster } from '../testing/cluster.ts'
import { pipeline, pipelineObject, wanted } from '../testing/pipelines.ts'
import { concerned, isRead } from './owner.ts'

const named = (kind: string, name: string) => ({
  apiVersion: 'v1',
  kind,
  metadata: { namespace: 'shop', name },
})

test('the caches keep pipelines and whatever has the name of a child, and nothing else', () => {
  const { topics, deployments, service } = wanted(pipeline())
  const children = [...Object.values(topics), ...Object.values(deployments), service]
  assert.equal(children.length, 8)
  assert.ok(isRead(pipelineObject()))
  assert.ok(children.every((child) => isRead(named(child.kind, child.metadata.name))))
  assert.ok(!isRead(named('Service', 'kubernetes')))
  assert.ok(!isRead(named('Deployment', 'shop-frontend')))
})

test('a child concerns the pipeline of its name, whatever its labels and owners say', () => {
  const { metadata, ...rest } = named('KafkaTopic', 'shop-events-dlq')
  const labels = { 'clickstream.dev/pipeline': 'other' }
  const owner = {
    apiVersion: 'clickstream.dev/v1alpha1',
    kind: 'ClickstreamPipeline',
    name: 'another',
    uid: 'uid-9',
  }
  const child = { ...rest, metadata: { ...metadata, labels, ownerReferences: [owner] } }
  assert.deepEqual(concerned(child, fakeCluster()), [{ namespace: 'shop', name: 'shop-events' }])
})
