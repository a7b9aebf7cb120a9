import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CoreV1Api } from '@kubernetes/client-node'
import { until } from '../../../dev/until.ts'
import type { ClusterOptions } from '../../../operator/kube/cluster.ts'
import { rules } from '../../../operator/kube/kinds.ts'
import { keptLogger } from '../../../operator/testing/logger.ts'
import { type Network, startNetwork } from '../../faults/network.ts'
import { answer, ApiProxy } from '../../faults/proxy.ts'
import { type Watched, World } from './world.ts'

let world: World
let proxy: Network

before(async () => {
  world = await World.start()
  await world.namespace('shop')
  proxy = await startNetwork(world.port)
})

after(async () => {
  proxy.close()
  await world.end()
})

const key = (name: string) => ({ namespace: 'shop', name })

/** Watches Services of shop through the proxy. */
const watching = async (options: Partial<ClusterOptions> = {}): Promise<Watched> => {
  const watched = await world.connect({
    config: world.config({ port: proxy.port }),
    namespace: 'shop',
    kinds: ['Service'],
    patience: { pingEvery: 300, answerWithin: 700 },
    ...options,
  })
  await watched.cluster.whenSynced
  return watched
}

const told = ({ changes }: Watched, ...lines: string[]) =>
  until(lines.join(), () => lines.every((line) => changes.includes(line)))

test('a reset connection is made again and nothing is missed', async () => {
  const watched = await watching()
  await world.service(key('reset-before'))
  await told(watched, 'added Service shop/reset-before')
  proxy.refuse()
  await world.service(key('reset-during'))
  await world.removeService(key('reset-before'))
  proxy.accept()
  await told(watched, 'added Service shop/reset-during', 'deleted Service shop/reset-before')
  await watched.cluster.close()
})

test('a half-open connection is noticed, and nothing is missed', async () => {
  const watched = await watching()
  const before = proxy.accepted()
  proxy.freeze()
  await world.service(key('frozen'))
  await told(watched, 'added Service shop/frozen')
  assert.ok(proxy.accepted() > before)
  await watched.cluster.close()
})

test('after a restart of the API server that lost our version, a new list tells the deletions', async () => {
  await world.service(key('restart-old'))
  const { logger, lines } = keptLogger()
  const watched = await watching({ logger })
  await told(watched, 'added Service shop/restart-old')
  proxy.refuse()
  await world.removeService(key('restart-old'))
  await world.service(key('restart-new'))
  await world.plane.restartApiServer()
  proxy.accept()
  await told(watched, 'deleted Service shop/restart-old', 'added Service shop/restart-new')
  assert.match(String(lines.find(({ msg }) => msg === 'listing again')?.['reason']), /410/)
  await watched.cluster.close()
})

test('an API server that crashes is waited for; healthy, with a problem that says so', async () => {
  const watched = await watching()
  await world.plane.killApiServer()
  const [problem] = await until('the problem', () => {
    const problems = watched.cluster.problems()
    return problems.length > 0 && problems
  })
  assert.match(problem ?? '', /^cannot watch services; trying again: .*did not answer/)
  assert.equal(watched.cluster.healthy(), true)
  await world.plane.restartApiServer()
  await world.service(key('after-crash'))
  await told(watched, 'added Service shop/after-crash')
  await until('no problem', () => watched.cluster.problems().length === 0)
  await watched.cluster.close()
})

test('all watches and hundreds of writes share one connection, and closing ends it', async () => {
  const before = proxy.accepted()
  const watched = await world.connect({
    config: world.config({ port: proxy.port }),
    kinds: ['Deployment', 'Service'],
  })
  const { cluster } = watched
  await cluster.whenSynced
  const service = (name: string) =>
    cluster.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: key(name),
      spec: { clusterIP: 'None', ports: [{ port: 80 }] },
    })
  await Promise.all(Array.from({ length: 200 }, (_, i) => service(`many-${i}`)))
  assert.equal(proxy.accepted() - before, 1)
  await cluster.close()
  assert.deepEqual(cluster.list('Deployment'), [])
})

test('the library opens a connection for each request: when this fails, its #2893 is cured and connection.ts may go', async () => {
  const before = proxy.accepted()
  const api = world.config({ port: proxy.port }).makeApiClient(CoreV1Api)
  for (let i = 0; i < 5; i++) await api.readNamespace({ name: 'shop' })
  assert.equal(proxy.accepted() - before, 5)
  proxy.reset()
})

test('a KafkaTopic CRD that comes, and goes again, is noticed', async () => {
  const versions: (string | undefined)[] = []
  const watched = await world.connect({ onTopicVersion: (version) => versions.push(version) })
  const { cluster, changes } = watched
  await cluster.whenSynced
  assert.equal(cluster.topicVersion(), undefined)
  await world.installTopics()
  await until('v1', () => cluster.topicVersion() === 'v1')
  const metadata = key('events')
  await cluster.apply({ apiVersion: 'kafka.strimzi.io/v1', kind: 'KafkaTopic', metadata, spec: {} })
  await told(watched, 'added KafkaTopic shop/events')
  await world.removeTopics()
  await until('none', () => cluster.topicVersion() === undefined)
  await told(watched, 'deleted KafkaTopic shop/events')
  assert.deepEqual([versions[0], versions.at(-1)], [undefined, undefined])
  assert.equal(changes.filter((line) => line.startsWith('added KafkaTopic')).length, 1)
  await cluster.close()
})

test('a missing right is said with verb, resource, namespace and remedy; our own Role is enough', async () => {
  const token = await world.account(key('operator'))
  const watched = await world.connect({
    config: world.config({ token }),
    namespace: 'shop',
    kinds: ['Deployment', 'Service'],
  })
  const problems = await until('two problems', () => {
    const found = watched.cluster.problems()
    return found.length === 2 && found
  })
  assert.match(
    problems.join('\n'),
    /^not allowed to list deployments.apps in namespace shop: give our service account the verbs get, list and watch by a Role .*User "system:serviceaccount:shop:operator" cannot list resource "deployments"/,
  )
  assert.equal(watched.cluster.synced(), false)
  await grant('operator')
  await watched.cluster.whenSynced
  await watched.cluster.apply({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: key('allowed'),
    spec: { ports: [{ port: 80 }] },
  })
  await watched.cluster.close()
})

test('what the lease keeps from being written was not written: it is applied at once when the lease is there', async () => {
  const { cluster } = await world.connect({
    namespace: 'shop',
    kinds: ['Service'],
    leaseNamespace: 'shop',
  })
  await cluster.whenSynced
  const metadata = key('held-back')
  const service = { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 80 }] } } as const
  await assert.rejects(cluster.apply(service), /not sent: this instance does not hold the lease shop\//)
  const end = new AbortController()
  await cluster.lead(async () => {
    assert.equal((await cluster.apply(service)).metadata.name, 'held-back')
    end.abort()
  }, end.signal)
  await cluster.close()
})

test('a write that failed is done again at once unless it was done: then the object is read', async () => {
  const proxy = new ApiProxy(world.plane)
  const { cluster } = await world.connect({
    config: world.config({ port: await proxy.listen() }),
    namespace: 'shop',
    kinds: ['Service'],
  })
  await cluster.whenSynced
  const metadata = key('in-doubt')
  const service = { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 80 }] } } as const
  const fail = (isDone: boolean) => {
    proxy.rule = async (call, pass) => {
      if (call.method !== 'PATCH') return pass()
      if (isDone) await pass()
      return answer(500, 'InternalError')
    }
  }
  fail(false)
  await assert.rejects(cluster.apply(service), /500/)
  const requests: string[] = []
  proxy.rule = (call, pass) => {
    if (!call.query.has('watch')) requests.push(call.method)
    return pass()
  }
  const { uid = '' } = (await cluster.apply(service)).metadata
  assert.deepEqual(requests, ['PATCH'])
  const changed = { ...service, metadata: { ...metadata, uid }, spec: { ports: [{ port: 81 }] } }
  fail(true)
  await assert.rejects(cluster.apply(changed), /500/)
  proxy.rule = (_call, pass) => pass()
  await assert.rejects(cluster.apply(changed), /was written without an answer and is read anew/)
  await cluster.apply(changed)
  await cluster.close()
  proxy.close()
})

const grant = async (name: string) => {
  const api = 'rbac.authorization.k8s.io'
  const path = `/apis/${api}/v1/namespaces/shop`
  const metadata = key(name)
  await world.apply(`${path}/roles/${name}`, {
    apiVersion: `${api}/v1`,
    kind: 'Role',
    metadata,
    rules: rules('operator'),
  })
  await world.apply(`${path}/rolebindings/${name}`, {
    apiVersion: `${api}/v1`,
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: api, kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', ...metadata }],
  })
}
