import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../../dev/until.ts'
import type { Deployment, KafkaTopic } from '../../operator/api/kubernetes.ts'
import { type App, ownRules, rules } from '../../operator/kube/kinds.ts'
import { pipeline, wanted } from '../../operator/testing/pipelines.ts'
import { type Audited, namespace, objectsIn, openStage, type Stage } from '../live/stage.ts'

/**
 * The life of pipelines, as the API server's audit log saw it. The controllers run with the roles that config/ has:
 * what they use and what they may are the same.
 */

let stage: Stage
before(async () => {
  stage = await openStage(['--enable-admission-plugins=NodeRestriction,OwnerReferencesPermissionEnforcement'])
})
after(async () => stage?.end())

const get = (path: string): Promise<unknown> => stage.world.admin.request({ method: 'GET', path })
const topicPath = (name: string) => `/apis/kafka.strimzi.io/v1/namespaces/${namespace}/kafkatopics/${name}`
const deploymentPath = (name: string) => `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`
const pipelinePath = (name: string) =>
  `/apis/clickstream.dev/v1alpha1/namespaces/${namespace}/clickstreampipelines/${name}`
const remove = (path: string) => stage.world.admin.request({ method: 'DELETE', path })
const gone = (path: string) =>
  until(`the end of ${path}`, () =>
    get(path).then(
      () => false,
      () => true,
    ),
  )

const live = async (): Promise<void> => {
  await stage.apply({
    name: 'shop',
    spec: { topics: { events: { partitions: 2 } }, deletionPolicy: 'Delete' },
  })
  await until('the pods', () => get(deploymentPath('shop-consumer')))
  await until('the service', () => get(`/api/v1/namespaces/${namespace}/services/shop-consumer`))
  await stage.apply({
    name: 'shop',
    spec: { topics: { events: { partitions: 3 } }, deletionPolicy: 'Delete' },
  })
  await until('more partitions', async () => {
    const { spec, status } = (await get(topicPath('shop-events'))) as KafkaTopic
    return spec.partitions === 3 && status?.observedGeneration === 2
  })
  await remove(pipelinePath('shop'))
  await gone(pipelinePath('shop'))
  await gone(topicPath('shop-events'))
}

/** `verb group/resource` of what an app may do. */
const granted = (app: App): string[] =>
  [...rules(app), ...ownRules(app)]
    .flatMap(({ apiGroups, resources, verbs }) =>
      verbs.map((verb) => `${verb} ${apiGroups[0]}/${resources[0]}`),
    )
    .sort()

const by = (app: App) =>
  stage
    .audit()
    .filter(({ user }) => user.username === `system:serviceaccount:${namespace}:clickstream-${app}`)

/**
 * What a request needed: an apply that makes an object needs create beside patch. Discovery, which everybody may, has no
 * object.
 */
const needed = ({ verb, objectRef, responseStatus }: Audited): string[] => {
  if (objectRef === undefined) return []
  const { apiGroup = '', resource, subresource } = objectRef
  const what = `${apiGroup}/${subresource === undefined ? resource : `${resource}/${subresource}`}`
  return verb === 'patch' && responseStatus?.code === 201
    ? [`patch ${what}`, `create ${what}`]
    : [`${verb} ${what}`]
}

const used = (app: App): string[] => [...new Set(by(app).flatMap(needed))].sort()

test('the life of a pipeline uses every right that the roles give, and no right that they do not', async () => {
  await live()
  const renewal = 'patch coordination.k8s.io/leases'
  await until(
    'both leases to be renewed',
    () => used('operator').includes(renewal) && used('topics').includes(renewal),
  )
  // Not asked for by a request of ours: the API server asks it itself when we write an owner reference that blocks.
  const blocking = 'update clickstream.dev/clickstreampipelines/finalizers'
  assert.deepEqual(
    used('operator'),
    granted('operator').filter((right) => right !== blocking),
  )
  assert.deepEqual(used('topics'), granted('topics'))
  const refused = [...by('operator'), ...by('topics')].filter(
    ({ responseStatus }) => responseStatus?.code === 403,
  )
  assert.deepEqual(refused, [])
})

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
