import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { kubectl } from '../../dev/binaries.ts'
import { run } from '../../dev/command.ts'
import type { Deployment, KubernetesObject } from '../../operator/api/kubernetes.ts'
import { pipeline, wanted } from '../../operator/testing/pipelines.ts'
import { root } from './manifests.ts'

/** What the PodMonitors find, and whether config/monitoring and config/policies are what kubectl applies. */

interface PodMonitor {
  metadata: { name: string }
  spec: {
    selector: { matchLabels: Record<string, string> }
    podMetricsEndpoints: { port: string; path: string; honorLabels?: boolean }[]
  }
}

const text = (file: string) => readFileSync(join(root, 'config', file), 'utf8')
const monitors = parseAllDocuments(text('monitoring/podmonitors.yaml')).map(
  (document) => document.toJS() as PodMonitor,
)
const controllers = ['operator', 'topics'].map((app) => parse(text(`${app}/deployment.yaml`)) as Deployment)
const pods = [...controllers, ...Object.values(wanted(pipeline()).deployments)]

test('each pod is found by one PodMonitor, by labels and port that it has', () => {
  const found = pods.map(({ metadata, spec: { template } }) => {
    const labels = template.metadata?.labels ?? {}
    const ports = template.spec.containers.flatMap((container) => container['ports'] as { name: string }[])
    const names = monitors
      .filter(({ spec }) =>
        Object.entries(spec.selector.matchLabels).every(([name, value]) => labels[name] === value),
      )
      .filter(({ spec }) =>
        spec.podMetricsEndpoints.every(({ port }) => ports.some(({ name }) => name === port)),
      )
      .map((monitor) => monitor.metadata.name)
    return `${metadata.name}: ${names.join()}`
  })
  assert.deepEqual(found, [
    'clickstream-operator: clickstream-operator',
    'clickstream-topics: clickstream-operator',
    'clickstream-producer: clickstream-pipelines',
    'clickstream-processor: clickstream-pipelines',
    'clickstream-consumer: clickstream-pipelines',
  ])
  const [ofOperator] = monitors
  assert.deepEqual(ofOperator?.spec.podMetricsEndpoints, [
    { port: 'http', path: '/metrics', honorLabels: true },
  ])
})

test('kubectl builds what it would apply, all of it in one namespace', async () => {
  const program = await kubectl()
  for (const [folder, kinds] of Object.entries({
    monitoring: ['ConfigMap', 'PodMonitor', 'PodMonitor', 'PrometheusRule'],
    policies: [...Array(5).fill('NetworkPolicy'), ...Array(4).fill('PodDisruptionBudget')],
  })) {
    const built = await run([program, 'kustomize', join(root, 'config', folder)])
    const objects = parseAllDocuments(built).map((document) => document.toJS() as KubernetesObject)
    assert.deepEqual(objects.map(({ kind }) => kind).sort(), kinds)
    for (const { metadata } of objects) assert.equal(metadata.namespace, 'kafka')
  }
})
