import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import type { PipelineObject } from '../api/kubernetes.ts'
import { pipelineObject } from '../testing/pipelines.ts'
import { buildInfo, leadership, pipelineGauges } from './gauges.ts'

const ready = (name: string, status: string): PipelineObject => {
  const at = { reason: 'x', message: '', lastTransitionTime: '2026-01-31T12:00:00Z' }
  return {
    ...pipelineObject({}, { name }),
    status: { observedGeneration: 1, conditions: [{ type: 'Ready', status, ...at }] },
  }
}
const lines = async (registry: Registry) =>
  (await registry.metrics()).split('\n').filter((line) => /^[a-z]/.test(line))

test('each pipeline is ready or not, one without a status is not, one that is gone is no more', async () => {
  const registry = new Registry()
  let pipelines = [ready('good', 'True'), ready('bad', 'False'), pipelineObject({}, { name: 'new' })]
  pipelineGauges(registry, () => pipelines)
  assert.deepEqual(await lines(registry), [
    'clickstream_pipeline_ready{namespace="shop",pipeline="good"} 1',
    'clickstream_pipeline_ready{namespace="shop",pipeline="bad"} 0',
    'clickstream_pipeline_ready{namespace="shop",pipeline="new"} 0',
    'clickstream_pipeline_suspended{namespace="shop",pipeline="good"} 0',
    'clickstream_pipeline_suspended{namespace="shop",pipeline="bad"} 0',
    'clickstream_pipeline_suspended{namespace="shop",pipeline="new"} 0',
  ])
  pipelines = []
  assert.deepEqual(await lines(registry), [])
})

test('the version is told', async () => {
  const registry = new Registry()
  buildInfo(registry, '1.2.3')
  assert.deepEqual(await lines(registry), ['clickstream_operator_build_info{version="1.2.3"} 1'])
})

test('who waits for the lease says 0, who holds it 1', async () => {
  const registry = new Registry()
  const leads = leadership(registry, 'clickstream-operator')
  const line = 'leader_election_master_status{name="clickstream-operator"}'
  assert.deepEqual(await lines(registry), [`${line} 0`])
  leads(true)
  assert.deepEqual(await lines(registry), [`${line} 1`])
})
