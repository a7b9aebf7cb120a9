import assert from 'node:assert/strict'
import { pino } from 'pino'
import type { Condition, Key } from '../api/kubernetes.ts'
import type { Seen } from '../decide/flow.ts'
import { pipelineReconciler } from '../reconcile/pipeline.ts'
import { type FakeCluster, fakeCluster } from './cluster.ts'
import { availableStatus, pipelineObject } from './pipelines.ts'
import { keptEvents } from './recorder.ts'

/** One pipeline in a cluster in memory, whose other controllers the test plays. */

export const key: Key = { namespace: 'shop', name: 'clickstream' }
export const topics = ['panes', 'dlq', 'metrics', 'events'].map((role) => `clickstream-${role}`)
export const deployments = ['producer', 'processor', 'consumer'].map((role) => `clickstream-${role}`)

export const world = (spec: object = {}) => {
  let time = Date.parse('2026-01-31T12:00:00Z')
  let seen: Seen
  const recorder = keptEvents()
  const cluster = fakeCluster({ now: () => new Date(time) })
  const pass = pipelineReconciler({
    cluster,
    runtimeImage: 'clickstream-runtime:1',
    logger: pino({ level: 'silent' }),
    now: () => time,
    seen: () => seen,
    recorder,
  })
  const { metadata, ...rest } = pipelineObject(spec)
  const put = (wanted: object = spec) =>
    cluster.put({
      ...rest,
      kind: 'ClickstreamPipeline',
      metadata: { name: metadata.name, namespace: metadata.namespace },
      spec: { kafka: { cluster: 'data-on-eks' }, ...wanted },
    })
  put()
  return {
    cluster,
    told: recorder.told,
    put,
    pass: (of = key) => pass(of),
    elapse: (ms: number) => (time += ms),
    see: (given: Seen) => void (seen = given),
  }
}

/** A pipeline in a cluster in memory, and passes over it. */
export type World = ReturnType<typeof world>

export const satisfyTopics = (cluster: FakeCluster) => {
  for (const name of topics) {
    const topic = cluster.live.get('KafkaTopic', { namespace: 'shop', name })
    cluster.report(
      'KafkaTopic',
      { namespace: 'shop', name },
      {
        observedGeneration: topic?.metadata.generation,
        conditions: [{ type: 'Ready', status: 'True' }],
      },
    )
  }
}

export const satisfyDeployments = (cluster: FakeCluster) => {
  for (const name of deployments) {
    const at = { namespace: 'shop', name }
    const deployment = cluster.live.get('Deployment', at)
    if (deployment) cluster.report('Deployment', at, availableStatus(deployment))
  }
}

/** A pipeline that is Ready, and whose writes so far are forgotten. */
export const ready = async (spec: object = {}) => {
  const on = world(spec)
  await on.pass()
  satisfyTopics(on.cluster)
  await on.pass()
  satisfyDeployments(on.cluster)
  await on.pass()
  assert.equal(says(on.cluster, 'Ready').status, 'True')
  on.cluster.writes.length = 0
  on.told.length = 0
  return on
}

export const says = (cluster: FakeCluster, type: string): Condition => {
  const status = cluster.get('ClickstreamPipeline', key)?.status as { conditions: Condition[] }
  return status.conditions.find((condition) => condition.type === type)!
}
