import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../../dev/until.ts'
import type { Deployment } from '../../operator/api/kubernetes.ts'
import type { App } from '../../operator/kube/kinds.ts'
import { pipeline, wanted } from '../../operator/testing/pipelines.ts'
import { namespace, objectsIn, openStage, roleFiles, type Stage } from '../live/stage.ts'
import { askedBy, enforcement, usesExactly } from './life.ts'

/** The controllers of one namespace, with the rights that config/ gives them. */

let stage: Stage
before(async () => {
  stage = await openStage({ flags: [enforcement] })
})
after(async () => stage?.end())

const get = (path: string): Promise<unknown> => stage.world.admin.request({ method: 'GET', path })
const by = (app: App) => askedBy(stage, app)

test('the life of a pipeline uses every right that the roles give, and no right that they do not', () =>
  usesExactly(stage, roleFiles.namespace))

test('nobody asked for a Secret, a pod, a role, or anything of another namespace', () => {
  const touched = [...by('operator'), ...by('topics')].map(({ objectRef }) => objectRef)
  assert.ok(touched.length > 20)
  for (const object of touched) {
    assert.doesNotMatch(object?.resource ?? '', /secret|pod|role|node|configmap|token/)
    assert.equal(object?.namespace ?? namespace, namespace)
  }
})

/** A pod as a Deployment makes it. */
const podOf = ({ spec, metadata }: Deployment) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: metadata.name, labels: spec.template.metadata?.labels },
  spec: spec.template.spec,
})

const makePod = (pod: object) =>
  stage.world.admin.request({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/pods`,
    query: { dryRun: 'All' },
    body: pod,
  })

test('in a namespace that enforces the restricted standard every pod is admitted, and one with a privilege is not', async () => {
  await stage.world.apply(`/api/v1/namespaces/${namespace}`, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  })
  const controllers = ['config/operator/deployment.yaml', 'config/topics/deployment.yaml'].flatMap(objectsIn)
  const pods = [...controllers, ...Object.values(wanted(pipeline()).deployments)].map((each) =>
    podOf(each as Deployment),
  )
  assert.equal(pods.length, 5)
  for (const pod of pods) await makePod(pod)
  const [operator] = pods
  const privileged = { ...operator, spec: { ...operator?.spec, hostNetwork: true } }
  await assert.rejects(makePod(privileged), /violates PodSecurity "restricted:latest": host namespaces/)
})

test('the API server takes the network policies and the disruption budgets', async () => {
  const groups = { NetworkPolicy: 'networkpolicies', PodDisruptionBudget: 'poddisruptionbudgets' }
  const objects = ['networkpolicies', 'disruptionbudgets'].flatMap((name) =>
    objectsIn(`config/policies/${name}.yaml`),
  )
  assert.equal(objects.length, 9)
  for (const object of objects) {
    const plural = groups[object.kind as keyof typeof groups]
    const path = `/apis/${object.apiVersion}/namespaces/${namespace}/${plural}/${object.metadata.name}`
    await stage.world.apply(path, object)
  }
})

test('without the right on finalizers the API server refuses the children, where that plugin is on', async () => {
  const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles/clickstream-operator`
  const role = (await get(path)) as { rules: { resources: string[] }[]; metadata: object }
  const less = role.rules.filter(({ resources }) => !resources.includes('clickstreampipelines/finalizers'))
  await stage.world.apply(path, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'clickstream-operator', namespace },
    rules: less,
  })
  await stage.apply({ name: 'poor', spec: {} })
  const refused = await until('a refusal', () =>
    by('operator').find(({ responseStatus, objectRef }) => responseStatus?.code === 403 && objectRef),
  )
  assert.equal(refused.objectRef?.name?.startsWith('poor-'), true)
})
