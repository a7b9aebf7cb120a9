import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { until } from '../../dev/until.ts'
import type { Key, KafkaTopic, KubernetesObject } from '../api/kubernetes.ts'
import { type Cluster, ClusterFault, type ClusterFaultReason } from '../reconcile/cluster.ts'

/** A cluster to hold to the contract; each test uses objects of its own name. */
export interface ContractWorld {
  cluster: Cluster
  /** The same cluster, seen by another field manager. */
  other: Cluster
  /** Two namespaces that exist, and one that is being terminated. */
  namespace: string
  elsewhere: string
  terminating: string
}

export const refusedWith = (promise: Promise<unknown>, reason: ClusterFaultReason): Promise<void> =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof ClusterFault, String(error))
    assert.equal(error.reason, reason)
    return true
  })

const versionOf = (object: KubernetesObject | undefined) => object?.metadata.resourceVersion
const uidOf = (object: KubernetesObject) => object.metadata.uid ?? ''

/** What every Cluster does, the fake one and the real one. */
export function clusterContract(name: string, open: () => Promise<ContractWorld> | ContractWorld): void {
  const topic = (key: Key, rest: { spec?: object; metadata?: object } = {}) => ({
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaTopic' as const,
    metadata: { ...key, ...rest.metadata },
    spec: rest.spec ?? { partitions: 1, replicas: 1 },
  })
  /** A topic to apply to the one that was answered before. */
  const upon = (
    { metadata: { namespace, name, uid } }: KubernetesObject,
    rest: { spec?: object; metadata?: object } = {},
  ) => topic({ namespace, name }, { ...rest, metadata: { ...rest.metadata, uid } })
  const ready = (key: Key, status: 'True' | 'False') => ({
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaTopic' as const,
    metadata: key,
    status: { observedGeneration: 1, conditions: [{ type: 'Ready', status }] },
  })
  const holds = (name: string, work: (world: ContractWorld, key: Key) => Promise<void>) =>
    test(name, async () => {
      const world = await open()
      await work(world, { namespace: world.namespace, name: name.replaceAll(/[^a-z]+/g, '-') })
    })
  const gone = (cluster: Cluster, key: Key) =>
    until(`${key.name} gone`, () => cluster.get('KafkaTopic', key) === undefined)

  void suite(name, () => {
    void holds('what was applied can be read at once', async ({ cluster }, key) => {
      const applied = await cluster.apply(topic(key, { metadata: { labels: { a: 'b' } } }))
      assert.deepEqual(cluster.get('KafkaTopic', key), applied)
      assert.deepEqual(applied.spec, { partitions: 1, replicas: 1 })
      assert.deepEqual(applied.metadata.labels, { a: 'b' })
      assert.ok(applied.metadata.uid)
    })
    void holds('the same applied again changes nothing', async ({ cluster }, key) => {
      const first = await cluster.apply(topic(key))
      const second = await cluster.apply(upon(first))
      assert.equal(versionOf(second), versionOf(first))
      const status = await cluster.applyStatus(ready(key, 'True'))
      assert.equal(versionOf(await cluster.applyStatus(ready(key, 'True'))), versionOf(status))
    })
    void holds('what is applied no more goes, what another manager owns stays', async (world, key) => {
      const { cluster, other } = world
      const made = await cluster.apply(topic(key, { metadata: { labels: { ours: 'x', shared: 'x' } } }))
      await other.apply(
        upon(made, { spec: { config: { 'a.b': 1 } }, metadata: { labels: { shared: 'x', theirs: 'x' } } }),
      )
      const { metadata, spec } = await cluster.apply(upon(made, { spec: { partitions: 2 } }))
      assert.deepEqual(metadata.labels, { shared: 'x', theirs: 'x' })
      assert.deepEqual(spec, { partitions: 2, config: { 'a.b': 1 } })
    })
    void holds('a value that another manager set is taken over by force', async ({ cluster, other }, key) => {
      const made = await cluster.apply(topic(key))
      await other.apply(upon(made, { spec: { partitions: 7 } }))
      assert.deepEqual((await cluster.apply(upon(made))).spec, { partitions: 1, replicas: 1 })
    })
    void holds('without a uid an object is made, and one that exists is left alone', async (world, key) => {
      const { cluster, other } = world
      const made = await other.apply(topic(key))
      await refusedWith(cluster.apply(topic(key)), 'Conflict') // though not a field would change
      await refusedWith(cluster.apply(topic(key, { metadata: { labels: { ours: 'x' } } })), 'Conflict')
      assert.equal(versionOf(await other.apply(upon(made))), versionOf(made))
    })
    void holds('of many that make one object at once a single one makes it', async ({ cluster }, key) => {
      const made = await Promise.allSettled(Array.from({ length: 8 }, () => cluster.apply(topic(key))))
      assert.equal(made.filter(({ status }) => status === 'fulfilled').length, 1)
    })
    void holds('what was made without a uid is owned like what is applied', async ({ cluster }, key) => {
      const made = await cluster.apply(topic(key, { metadata: { labels: { ours: 'x' } } }))
      assert.equal((await cluster.apply(upon(made))).metadata.labels, undefined)
    })
    void holds('with a version, an object that has changed since is left alone', async (world, key) => {
      const { cluster, other } = world
      const made = await cluster.apply(topic(key))
      const { uid = '', resourceVersion = '' } = made.metadata
      const theirs = await other.apply(upon(made, { metadata: { labels: { theirs: 'x' } } }))
      await refusedWith(cluster.apply(upon(made, { metadata: { resourceVersion } })), 'Conflict')
      const status = { ...ready(key, 'True'), metadata: { ...key, uid, resourceVersion } }
      await refusedWith(cluster.applyStatus(status), 'Conflict')
      await refusedWith(cluster.delete('KafkaTopic', key, { uid, resourceVersion }), 'Conflict')
      assert.equal(
        versionOf(await other.apply(upon(theirs, { metadata: { labels: { theirs: 'x' } } }))),
        versionOf(theirs),
      )
      const seen = { uid, resourceVersion: theirs.metadata.resourceVersion ?? '' }
      await cluster.apply(upon(made, { metadata: seen }))
      await cluster.delete('KafkaTopic', key, seen)
      await gone(cluster, key)
      await refusedWith(cluster.apply(upon(made, { metadata: seen })), 'Conflict')
    })
    void holds('another spec is another generation, labels and status are not', async ({ cluster }, key) => {
      const generation = async (work: Promise<KafkaTopic>) => (await work).metadata.generation
      const made = await cluster.apply(topic(key))
      assert.equal(made.metadata.generation, 1)
      assert.equal(await generation(cluster.apply(upon(made, { metadata: { labels: { a: 'b' } } }))), 1)
      assert.equal(await generation(cluster.applyStatus(ready(key, 'True'))), 1)
      assert.equal(await generation(cluster.apply(upon(made, { spec: { partitions: 2 } }))), 2)
    })
    void holds('spec and status are written apart', async ({ cluster }, key) => {
      const made = await cluster.apply(topic(key))
      await cluster.applyStatus({ ...ready(key, 'True'), spec: { partitions: 9 } } as never)
      await cluster.apply({ ...upon(made), status: { conditions: [] } } as never)
      const { spec, status } = cluster.get('KafkaTopic', key) ?? {}
      assert.equal(spec?.partitions, 1)
      assert.deepEqual(status?.conditions, [{ type: 'Ready', status: 'True' }])
    })
    void holds('a status for an object that is not there is refused', ({ cluster }, key) =>
      refusedWith(cluster.applyStatus(ready(key, 'True')), 'NotFound'),
    )
    void holds('with a uid, an object that is gone is not made again', async ({ cluster }, key) => {
      const { metadata } = await cluster.apply(topic(key))
      const uid = metadata.uid ?? ''
      await cluster.delete('KafkaTopic', key, { uid })
      await gone(cluster, key)
      await refusedWith(cluster.apply(topic(key, { metadata: { uid } })), 'Conflict')
      const next = await cluster.apply(topic(key))
      await refusedWith(cluster.apply(topic(key, { metadata: { uid } })), 'Conflict')
      await refusedWith(cluster.delete('KafkaTopic', key, { uid }), 'Conflict')
      assert.equal(versionOf(cluster.get('KafkaTopic', key)), versionOf(next))
    })
    void holds('deleting what is absent is success', async ({ cluster }, key) => {
      await cluster.delete('KafkaTopic', key, { uid: 'some-uid' })
    })
    void holds('a finalizer holds an object until it is taken off, whoever put it on', async (world, key) => {
      const { cluster, other } = world
      const finalizers = ['clickstream.dev/one', 'clickstream.dev/two']
      const uid = uidOf(await cluster.apply(topic(key, { metadata: { finalizers } })))
      await cluster.delete('KafkaTopic', key, { uid })
      await until('the mark', () => cluster.get('KafkaTopic', key)?.metadata.deletionTimestamp !== undefined)
      await other.removeFinalizer('KafkaTopic', key, { uid: 'another', name: finalizers[0] ?? '' })
      await other.removeFinalizer('KafkaTopic', key, { uid, name: finalizers[0] ?? '' })
      assert.deepEqual(other.get('KafkaTopic', key)?.metadata.finalizers, [finalizers[1]])
      await other.removeFinalizer('KafkaTopic', key, { uid, name: finalizers[0] ?? '' })
      await other.removeFinalizer('KafkaTopic', key, { uid, name: finalizers[1] ?? '' })
      await gone(cluster, key)
      await other.removeFinalizer('KafkaTopic', key, { uid, name: finalizers[1] ?? '' })
    })
    void holds('a terminating namespace takes nothing new', async ({ cluster, terminating }, { name }) => {
      await refusedWith(cluster.apply(topic({ namespace: terminating, name })), 'NamespaceTerminating')
    })
    void holds('a list is of one namespace or of all', async ({ cluster, elsewhere }, key) => {
      await cluster.apply(topic(key))
      await cluster.apply(topic({ ...key, namespace: elsewhere }))
      const found = (namespace?: string) =>
        cluster.list('KafkaTopic', namespace).filter(({ metadata }) => metadata.name === key.name).length
      assert.deepEqual([found(key.namespace), found(elsewhere), found()], [1, 1, 2])
    })
    void holds(
      'of two that write different fields at once neither is lost',
      async ({ cluster, other }, key) => {
        const made = await cluster.apply(topic(key))
        await Promise.all([
          cluster.apply(upon(made, { metadata: { labels: { ours: 'x' } } })),
          other.apply(upon(made, { spec: {}, metadata: { labels: { theirs: 'x' } } })),
        ])
        await until('both', () => {
          const { labels } = cluster.get('KafkaTopic', key)?.metadata ?? {}
          return labels?.['ours'] === 'x' && labels['theirs'] === 'x'
        })
      },
    )
  })
}
