import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../../../dev/until.ts'
import type { Key, KubernetesObject } from '../../../operator/api/kubernetes.ts'
import { isRead } from '../../../operator/reconcile/owner.ts'
import { clusterContract, type ContractWorld, refusedWith } from '../../../operator/testing/contract.ts'
import { World } from './world.ts'

let world: World
let contract: ContractWorld

before(async () => {
  world = await World.start()
  await world.installTopics()
  for (const namespace of ['shop', 'store', 'ending']) await world.namespace(namespace)
  const { cluster } = await world.connect()
  const { cluster: other } = await world.connect({ fieldManager: 'clickstream-topics' })
  await Promise.all([cluster.whenSynced, other.whenSynced])
  await terminate('ending')
  contract = { cluster, other, namespace: 'shop', elsewhere: 'store', terminating: 'ending' }
})

after(async () => {
  await world.end()
})

/** Deletes a namespace that something holds. */
const terminate = async (namespace: string) => {
  const name = 'holds'
  await world.apply(`/apis/kafka.strimzi.io/v1/namespaces/${namespace}/kafkatopics/${name}`, {
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaTopic',
    metadata: { namespace, name, finalizers: ['clickstream.dev/test'] },
    spec: {},
  })
  await world.admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` })
}

clusterContract('the real cluster', () => contract)

const deploymentOf = (metadata: Key, container: object = {}) => {
  const labels = { app: metadata.name }
  const spec = { containers: [{ name: 'x', image: 'x:1', ...container }] }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment' as const,
    metadata,
    spec: { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  }
}

const serviceOf = (metadata: Key, port: object) => ({
  apiVersion: 'v1',
  kind: 'Service' as const,
  metadata,
  spec: { selector: { app: metadata.name }, ports: [port] },
})

test('a Deployment and a Service are applied twice without a change', async () => {
  const metadata = { namespace: 'shop', name: 'x' }
  const { cluster } = await world.connect({ kinds: ['Deployment', 'Service'] })
  await cluster.whenSynced
  const [deployment, service] = [deploymentOf(metadata), serviceOf(metadata, { port: 80 })]
  const upon = <T extends KubernetesObject>(object: T, { metadata: { uid = '' } }: KubernetesObject) => ({
    ...object,
    metadata: { ...object.metadata, uid },
  })
  const made = await cluster.apply(deployment)
  await refusedWith(cluster.apply(deployment), 'Conflict')
  await until(
    'the deployment controller',
    () => cluster.get('Deployment', metadata)?.status?.observedGeneration === 1,
  )
  const before = cluster.get('Deployment', metadata)
  assert.equal(
    (await cluster.apply(upon(deployment, made))).metadata.resourceVersion,
    before?.metadata.resourceVersion,
  )
  const first = await cluster.apply(service)
  await refusedWith(cluster.apply(service), 'Conflict')
  assert.equal(
    (await cluster.apply(upon(service, first))).metadata.resourceVersion,
    first.metadata.resourceVersion,
  )
})

test('a port that somebody renumbered is put back, of a Service and of a Deployment', async () => {
  const metadata = { namespace: 'shop', name: 'ports' }
  const { cluster } = await world.connect({ kinds: ['Deployment', 'Service'] })
  await cluster.whenSynced
  const http = { name: 'http', protocol: 'TCP' }
  const service = (port: number) => serviceOf(metadata, { ...http, port })
  const deployment = (containerPort: number) =>
    deploymentOf(metadata, { ports: [{ ...http, containerPort }] })
  for (const made of [service, deployment]) {
    const {
      kind,
      metadata: { uid = '' },
    } = await cluster.apply(made(80))
    const path =
      kind === 'Service'
        ? '/api/v1/namespaces/shop/services/ports'
        : '/apis/apps/v1/namespaces/shop/deployments/ports'
    const { spec } = made(81)
    const contentType = 'application/merge-patch+json'
    await world.admin.request({ method: 'PATCH', path, body: { spec }, contentType })
    const again = await cluster.apply({ ...made(80), metadata: { ...metadata, uid } })
    assert.match(JSON.stringify(again.spec), /"ports":\[\{[^\]]*ort":80[,}][^\]]*\}\]/)
    assert.doesNotMatch(JSON.stringify(again.spec), /ort":81/)
  }
})

test('what the API server finds wrong is Invalid, in its own words', async () => {
  const { cluster } = contract
  const metadata = { namespace: 'shop', name: 'Not_A_Name' }
  const applied = cluster.apply({
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { ports: [{ port: 80 }] },
  })
  await refusedWith(applied, 'Invalid')
  await assert.rejects(applied, /Service "Not_A_Name" is invalid: metadata.name: Invalid value: "Not_A_Name"/)
})

test('a namespace that is absent is NotFound', async () => {
  const metadata = { namespace: 'nowhere', name: 'x' }
  const applied = contract.cluster.apply({ apiVersion: 'v1', kind: 'Service', metadata, spec: {} })
  await refusedWith(applied, 'NotFound')
})

test('no object in the cache carries managedFields, and each has its type', async () => {
  const { cluster } = contract
  await world.service({ namespace: 'shop', name: 'bare' })
  const found = await until('the service', () => cluster.get('Service', { namespace: 'shop', name: 'bare' }))
  assert.deepEqual(
    [found.apiVersion, found.kind, 'managedFields' in found.metadata],
    ['v1', 'Service', false],
  )
  const second = await world.connect({ kinds: ['Service'] })
  await second.cluster.whenSynced
  assert.deepEqual(second.cluster.get('Service', found.metadata), found)
})

test('1,100 objects are read in three pages, and what no pass reads is not kept', async () => {
  const names = Array.from({ length: 1_100 }, (_, n) => (n % 100 === 0 ? `shop-${n}-consumer` : `other-${n}`))
  for (let n = 0; n < names.length; n += 50) await Promise.all(names.slice(n, n + 50).map(headless))
  let requests = 0
  const { cluster } = await world.connect({
    kinds: ['Service'],
    namespace: 'store',
    keeps: isRead,
    requested: ({ method }) => void (requests += method === 'GET' ? 1 : 0),
  })
  await cluster.whenSynced
  const pages = requests
  await until('the watch', () => requests > pages)
  assert.deepEqual([pages, requests], [3, 4])
  assert.deepEqual(
    cluster.list('Service').map(({ metadata }) => metadata.name),
    names.filter((name) => name.startsWith('shop')).sort(),
  )
})

const headless = (name: string): Promise<unknown> =>
  world.apply(`/api/v1/namespaces/store/services/${name}`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'store', name },
    spec: { clusterIP: 'None', ports: [{ port: 80 }] },
  })

test('what is made and what is applied to it is owned in one entry, without duplicates', async () => {
  const { cluster } = contract
  const key = { namespace: 'shop', name: 'owned' }
  const topic = {
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaTopic' as const,
    metadata: key,
    spec: { partitions: 1 },
  }
  const { uid = '' } = (await cluster.apply(topic)).metadata
  await cluster.apply({ ...topic, metadata: { ...key, uid }, spec: { partitions: 2 } })
  const path = '/apis/kafka.strimzi.io/v1/namespaces/shop/kafkatopics/owned'
  const { metadata } = (await world.admin.request({ method: 'GET', path })) as {
    metadata: { managedFields: { manager: string; operation: string }[] }
  }
  assert.deepEqual(
    metadata.managedFields.map(({ manager, operation }) => [manager, operation]),
    [['clickstream-operator', 'Apply']],
  )
})

test('who holds a Lease knows when the namespace of it is being deleted', async () => {
  const isEnding = async (leaseNamespace: string) =>
    (await world.connect({ leaseNamespace, kinds: ['Service'] })).cluster.isEnding()
  assert.deepEqual([await isEnding('shop'), await isEnding('ending')], [false, true])
})
