import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiVersion } from './api/crd.ts'
import type { KubernetesObject } from './api/kubernetes.ts'
import { farewell } from './farewell.ts'
import { ClusterFault } from './reconcile/cluster.ts'
import { fakeCluster } from './testing/cluster.ts'
import { keptLogger } from './testing/logger.ts'

const kind = 'ClickstreamPipeline'
const finalizer = 'clickstream.dev/topics'
const other = 'example.com/backup'

/** Three pipelines with both finalizers, two of them in the namespace of the controller. */
const said = async (isEnding: boolean, serves?: (object: KubernetesObject) => boolean) => {
  const cluster = fakeCluster()
  for (const [namespace, name] of [
    ['kafka', 'a'],
    ['kafka', 'b'],
    ['shop', 'c'],
  ] as const)
    cluster.put({ apiVersion, kind, metadata: { namespace, name, finalizers: [finalizer, other] }, spec: {} })
  const { logger, lines } = keptLogger()
  const say = () =>
    farewell({
      cluster: { ...cluster, isEnding: () => Promise.resolve(isEnding) },
      kind,
      finalizer,
      namespace: 'kafka',
      ...(serves && { serves }),
      logger,
    })
  const left = () =>
    cluster.list(kind).map(({ metadata: { name, finalizers = [] } }) => `${name} ${finalizers.join()}`)
  return { cluster, say, left, lines }
}

test('a controller whose namespace is being deleted takes its finalizer off all objects there, and no other off any', async () => {
  const { cluster, say, left } = await said(true)
  await say()
  assert.deepEqual(left(), [`a ${other}`, `b ${other}`, `c ${finalizer},${other}`])
  assert.deepEqual(
    cluster.writes,
    ['a', 'b'].map((name) => `removeFinalizer ${kind} kafka/${name}`),
  )
})

test('what another controller serves keeps its finalizer, for that one may live elsewhere', async () => {
  const { say, left } = await said(true, ({ metadata }) => metadata.name !== 'b')
  await say()
  assert.deepEqual(left(), [`a ${other}`, `b ${finalizer},${other}`, `c ${finalizer},${other}`])
})

test('one that cannot be taken off is named, and the others go all the same', async () => {
  const { cluster, say, left, lines } = await said(true)
  cluster.fail('kafka/a', new ClusterFault('not allowed', { reason: 'Forbidden', retry: false }))
  await say()
  assert.deepEqual(left(), [`a ${finalizer},${other}`, `b ${other}`, `c ${finalizer},${other}`])
  assert.deepEqual(
    lines.filter(({ level }) => level === 50).map(({ msg, name }) => [msg, name]),
    [['the finalizer stays: take it off by hand', 'a']],
  )
})

test('one that cannot be taken off at the moment is tried again', async () => {
  const { cluster, say, left } = await said(true)
  for (const _try of [1, 2])
    cluster.fail('kafka/a', new ClusterFault('etcd is slow', { reason: 'Unavailable', retry: true }))
  await say()
  assert.deepEqual(left(), [`a ${other}`, `b ${other}`, `c ${finalizer},${other}`])
})

test('a controller that ends for another reason takes nothing off', async () => {
  const { cluster, say } = await said(false)
  await say()
  assert.deepEqual(cluster.writes, [])
})
