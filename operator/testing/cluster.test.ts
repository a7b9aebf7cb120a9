import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClusterFault } from '../reconcile/cluster.ts'
import { fakeCluster } from './cluster.ts'
import { clusterContract } from './contract.ts'

clusterContract('the cluster in memory', () => {
  const cluster = fakeCluster()
  cluster.terminate('ending')
  const other = cluster.as('clickstream-topics')
  return { cluster, other, namespace: 'shop', elsewhere: 'store', terminating: 'ending' }
})

const service = (name: string, spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Service' as const,
  metadata: { namespace: 'shop', name, ...metadata },
  spec,
})

test('each write is counted, and its object is told', async () => {
  const changes: string[] = []
  const cluster = fakeCluster({
    onChange: (kind, { metadata }, type) => changes.push(`${type} ${kind} ${metadata.name}`),
  })
  const { metadata } = await cluster.apply(service('x'))
  const { uid = '' } = metadata
  await cluster.apply(service('x', {}, { uid }))
  await cluster.delete('Service', metadata, { uid })
  assert.deepEqual(cluster.writes, ['apply Service shop/x', 'apply Service shop/x', 'delete Service shop/x'])
  assert.deepEqual(changes, ['added Service x', 'deleted Service x'])
})

test('a planned fault strikes once', async () => {
  const cluster = fakeCluster()
  cluster.fail('apply Service', new ClusterFault('no', { reason: 'Unavailable', retry: true }))
  await assert.rejects(cluster.apply(service('x')), ClusterFault)
  await cluster.apply(service('x'))
})

test('children go with their owner', async () => {
  const cluster = fakeCluster()
  const owner = cluster.put(service('owner'))
  const { uid = '' } = owner.metadata
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Service', name: 'owner', uid }]
  await cluster.apply(service('child', {}, { ownerReferences }))
  cluster.remove('Service', owner.metadata)
  assert.deepEqual(cluster.list('Service'), [])
})

test("a user's hand edit stays until the field is applied again; items of keyed lists are owned one by one", async () => {
  const cluster = fakeCluster()
  const container = (name: string, image: string) => ({ containers: [{ name, image }] })
  const { uid } = (await cluster.apply(service('x', container('main', 'ours')))).metadata
  cluster.put(service('x', container('sidecar', 'theirs')))
  cluster.put(service('x', { containers: [{ name: 'main', image: 'edited' }] }))
  assert.deepEqual(
    cluster.get('Service', { namespace: 'shop', name: 'x' })?.spec,
    container('main', 'edited'),
  )
  assert.deepEqual(
    (await cluster.apply(service('x', container('main', 'ours'), { uid }))).spec,
    container('main', 'ours'),
  )
})

test('a cache whose watch is silent shows what was there and what we wrote; the API server has the rest', async () => {
  const cluster = fakeCluster()
  cluster.put(service('known'))
  cluster.lag('Service')
  cluster.remove('Service', { namespace: 'shop', name: 'known' })
  cluster.put(service('new'))
  await cluster.apply(service('ours'))
  const names = (of: Pick<typeof cluster, 'list'>) => of.list('Service').map(({ metadata }) => metadata.name)
  assert.deepEqual(
    [names(cluster), names(cluster.live as never)],
    [
      ['known', 'ours'],
      ['new', 'ours'],
    ],
  )
  cluster.catchUp()
  assert.deepEqual(names(cluster), ['new', 'ours'])
})
