import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pipeline, pipelineObject, wanted } from '../testing/pipelines.ts'
import { isRead } from './owner.ts'

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
