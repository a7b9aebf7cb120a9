import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Deployment, KubernetesObject } from '../../operator/api/kubernetes.ts'
import { parsePipeline } from '../../operator/api/pipeline.ts'
import { pipelineObject, wanted } from '../../operator/testing/pipelines.ts'
import { metadata, spec } from './specs.ts'

/** However a pipeline is written: of its children only numbers, settings and names can be other than the default's. */

const runs = Number(process.env['PIPELINES'] ?? 10_000)

const childrenOf = (object: ReturnType<typeof pipelineObject>): KubernetesObject[] => {
  const parsed = parsePipeline(object)
  assert.ok(parsed.ok, JSON.stringify(parsed))
  const { topics, deployments, service } = wanted(parsed.pipeline)
  return [...Object.values(topics), ...Object.values(deployments), service]
}

/** Takes from a child what the spec may steer: what is left is the same for all pipelines of a name. */
const frozen = (child: KubernetesObject): unknown => {
  const { spec, ...rest } = child as KubernetesObject & { spec: Record<string, unknown> }
  if (child.kind === 'KafkaTopic')
    return { ...rest, metadata: withoutCluster(rest.metadata), foreign: foreign(spec) }
  if (child.kind === 'Service') return { ...rest, spec }
  const deployment = { ...rest, spec } as unknown as Deployment
  const { template } = deployment.spec
  delete deployment.spec.replicas
  deployment.metadata = withoutMark(deployment.metadata)
  delete template.metadata?.annotations?.['clickstream.dev/restartedAt']
  if (Object.keys(template.metadata?.annotations ?? {}).length === 0) delete template.metadata?.annotations
  for (const container of template.spec.containers) {
    const names = container.env?.map(({ name, valueFrom }) => ({ name, valueFrom }))
    Object.assign(container, { env: names, resources: shape(container['resources']) })
  }
  return deployment
}

/** A topic's own fields: none of them is its name in Kafka. */
const foreign = (spec: object): string[] =>
  Object.keys(spec).filter((field) => !['partitions', 'replicas', 'config'].includes(field))

const withoutCluster = (metadata: KubernetesObject['metadata']) => ({
  ...metadata,
  labels: { ...metadata.labels, 'strimzi.io/cluster': '' },
})

/** Without what a Deployment begins with again that has no pods. */
const withoutMark = ({ annotations = {}, ...metadata }: KubernetesObject['metadata']) => {
  const { 'clickstream.dev/resume-replicas': _, ...others } = annotations
  return { ...metadata, annotations: others }
}

/** Which resources may be set: processor time and memory, requests and limits. */
const shape = (resources: unknown) => {
  const { requests, limits, ...others } = resources as Record<string, Record<string, string>>
  const foreign = Object.keys({ ...requests, ...limits }).filter(
    (name) => name !== 'cpu' && name !== 'memory',
  )
  return { others, foreign }
}

/** `kind/name` of the children of a pipeline. */
const expected = (name: string): string[] => [
  ...['events', 'metrics', 'panes', 'dlq'].map((topic) => `KafkaTopic/${name}-${topic}`),
  ...['producer', 'processor', 'consumer'].map((role) => `Deployment/${name}-${role}`),
  `Service/${name}-consumer`,
]

const safeLabel = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/

test('of ten thousand pipelines no child is of another kind, name, namespace, image, account or privilege', () => {
  fc.assert(
    fc.property(spec, metadata, (spec, metadata) => {
      const children = childrenOf(pipelineObject(spec, metadata))
      const { name, namespace, uid } = metadata
      assert.deepEqual(
        children.map((child) => `${child.kind}/${child.metadata.name}`).sort(),
        expected(name).sort(),
      )
      for (const child of children) {
        assert.equal(child.metadata.namespace, namespace)
        for (const value of Object.values(child.metadata.labels ?? {})) assert.match(value, safeLabel)
      }
      const plain = pipelineObject({}, { name, namespace, uid })
      const [left, others] = [children.map(frozen), childrenOf(plain).map(frozen)]
      // Ten thousand times: the slow comparison is for the message.
      if (JSON.stringify(left) !== JSON.stringify(others)) assert.deepEqual(left, others)
    }),
    { numRuns: runs },
  )
})

test('the pods of the default pipeline, and so of all, are what the threat table says', () => {
  const deployments = childrenOf(pipelineObject()).filter(
    (child): child is Deployment => child.kind === 'Deployment',
  )
  assert.equal(deployments.length, 3)
  for (const { spec } of deployments) {
    const { containers, securityContext, ...pod } = spec.template.spec
    assert.deepEqual(securityContext, {
      runAsNonRoot: true,
      runAsUser: 65_532,
      runAsGroup: 65_532,
      seccompProfile: { type: 'RuntimeDefault' },
    })
    assert.equal(pod['automountServiceAccountToken'], false)
    for (const field of [
      'volumes',
      'serviceAccountName',
      'hostNetwork',
      'hostPID',
      'hostIPC',
      'initContainers',
    ])
      assert.equal(pod[field], undefined, field)
    assert.equal(containers.length, 1)
    const [container] = containers
    assert.equal(container?.image, 'clickstream-runtime')
    assert.equal(container?.['command'], undefined)
    assert.equal(container?.['volumeMounts'], undefined)
    assert.deepEqual(container?.['securityContext'], {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
  }
})
