import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { KubeConfig } from '@kubernetes/client-node'
import { until } from '../../../dev/until.ts'
import { FINALIZER } from '../../../operator/topics/claim.ts'
import { keptLogger } from '../../../operator/testing/logger.ts'
import { runTopics } from '../../../operator/topics/run.ts'
import { openAdmin } from '../../../runtime/kafka/admin.ts'
import { strimziTopicCrd } from './strimzi/crd.ts'
import { startWorld, type World } from './world.ts'

const CONFIG = join(import.meta.dirname, '..', '..', '..', 'config')
/** Strimzi's CRD in all namespaces, ours in one: each of the four is met. */
const places: { title: string; crd: string | undefined; role: string; namespace: string | undefined }[] = [
  {
    title: 'with our KafkaTopic, in one namespace',
    crd: join(CONFIG, 'topics', 'kafkatopics.yaml'),
    role: 'without-strimzi',
    namespace: 'kafka',
  },
  {
    title: "with Strimzi's own KafkaTopic, in all namespaces",
    crd: await strimziTopicCrd(),
    role: 'cluster-scope-without-strimzi',
    namespace: undefined,
  },
]

for (const { title, crd, ...place } of places) {
  suite(title, { skip: crd === undefined && 'needs Java 21' }, () => stories({ crd: crd ?? '', ...place }))
}

interface Place {
  crd: string
  /** Folder of config/ that has the role. */
  role: string
  /** The only namespace that is served; undefined: all. */
  namespace: string | undefined
}

function stories(place: Place): void {
  let world: World
  let finish = () => Promise.resolve()

  before(async () => {
    world = await startWorld(place.crd)
    finish = await startController(world, place)
  })
  after(async () => {
    await finish()
    await world?.end()
  })

  test('a topic that is applied is in Kafka and Ready at its generation, with its id', async () => {
    await world.apply('events', { partitions: 3, replicas: 1, config: { 'retention.ms': 86_400_000 } })
    const { metadata, status } = await world.told('events', 'Ready')
    const found = await world.inKafka('events')
    assert.deepEqual(found, {
      topicId: found?.topicId,
      partitions: 3,
      replicas: 1,
      config: { 'retention.ms': '86400000' },
    })
    assert.equal(status?.topicName, 'events')
    assert.equal(status?.topicId, found?.topicId)
    assert.deepEqual(metadata.finalizers, [FINALIZER])
    assert.match(await world.kubectl('get kafkatopic events'), /events +data-on-eks +3 +1 +True/)
  })

  test('more partitions and other settings reach Kafka', async () => {
    await world.apply('grows', { partitions: 1, config: { 'retention.ms': 1000, 'segment.ms': 1000 } })
    const { status } = await world.told('grows', 'Ready')
    await world.apply('grows', {
      partitions: 4,
      config: { 'retention.ms': 2000, 'cleanup.policy': 'compact' },
    })
    await until('grown', async () => (await world.inKafka('grows'))?.partitions === 4)
    assert.equal((await world.told('grows', 'Ready')).status?.topicId, status?.topicId)
    assert.deepEqual((await world.inKafka('grows'))?.config, {
      'retention.ms': '2000',
      'cleanup.policy': 'compact',
    })
  })

  test('fewer partitions are refused, and Kafka keeps them', async () => {
    await world.apply('shrinks', { partitions: 2 })
    await world.told('shrinks', 'Ready')
    await world.apply('shrinks', { partitions: 1 })
    const { status } = await world.told('shrinks', 'NotSupported')
    assert.match(status?.conditions?.[0]?.message ?? '', /^Decreasing partitions not supported/)
    assert.equal((await world.inKafka('shrinks'))?.partitions, 2)
    await world.apply('shrinks', { partitions: 2 })
    await world.told('shrinks', 'Ready')
  })

  test('the younger of two objects names the older, and gets the topic when the older is gone', async () => {
    await world.apply('older', { topicName: 'shared' })
    const first = await world.told('older', 'Ready')
    await until(
      'a second later',
      () => Date.now() > Date.parse(first.metadata.creationTimestamp ?? '') + 1000,
    )
    await world.apply('younger', { topicName: 'shared', partitions: 2 })
    const { status } = await world.told('younger', 'ResourceConflict')
    assert.equal(status?.conditions?.[0]?.message, "Managed by Ref{namespace='kafka', name='older'}")
    await world.kubectl('delete kafkatopic older --timeout=20s')
    const { status: after } = await world.told('younger', 'Ready')
    assert.notEqual(after?.topicId, first.status?.topicId)
    assert.equal((await world.inKafka('shared'))?.partitions, 2)
  })

  test('a deleted object takes its topic with it, whoever set the finalizer', async () => {
    await world.kubectl('apply --server-side --field-manager=strimzi-topic-operator -f -', {
      apiVersion: 'kafka.strimzi.io/v1',
      kind: 'KafkaTopic',
      metadata: { name: 'goes', labels: { 'strimzi.io/cluster': 'data-on-eks' }, finalizers: [FINALIZER] },
      spec: { partitions: 1 },
    })
    await world.told('goes', 'Ready')
    await world.kubectl('delete kafkatopic goes --timeout=20s')
    assert.equal(await world.inKafka('goes'), undefined)
  })

  test('a released topic is Unmanaged, is not changed, and outlives its object', async () => {
    await world.apply('stays', { partitions: 1 })
    await world.told('stays', 'Ready')
    await world.kubectl('annotate kafkatopic stays strimzi.io/managed=false')
    const { status } = await world.told('stays', 'Unmanaged')
    assert.equal(status?.topicName, 'stays')
    await world.apply('stays', { partitions: 5 })
    await world.told('stays', 'Unmanaged')
    await world.kubectl('delete kafkatopic stays --timeout=20s')
    assert.equal((await world.inKafka('stays'))?.partitions, 1)
  })

  test('a topic that somebody else made is left alone until the object says that it may be taken over', async () => {
    await world.makeInKafka('theirs', 2)
    await world.apply('theirs', { partitions: 3 })
    const { metadata, status } = await world.told('theirs', 'ResourceConflict')
    assert.equal(metadata.finalizers, undefined)
    assert.match(
      status?.conditions?.[0]?.message ?? '',
      /^Kafka has a topic theirs that was not made for this/,
    )
    await world.kubectl('delete kafkatopic theirs --timeout=20s')
    assert.equal((await world.inKafka('theirs'))?.partitions, 2)
    await world.apply('theirs', { partitions: 3 })
    await world.told('theirs', 'ResourceConflict')
    await world.kubectl('annotate kafkatopic theirs clickstream.dev/adopt=true')
    await world.told('theirs', 'Ready')
    assert.equal((await world.inKafka('theirs'))?.partitions, 3)
  })

  test('objects of other clusters, or of none, are left alone entirely', async () => {
    await world.kubectl('apply -f -', topic('foreign', { 'strimzi.io/cluster': 'other' }))
    await world.kubectl('apply -f -', topic('bare', {}))
    await world.apply('bystander', { partitions: 1 })
    await world.told('bystander', 'Ready')
    for (const name of ['foreign', 'bare']) {
      const found = await world.object(name)
      assert.equal(found?.status, undefined)
      assert.equal(found?.metadata.finalizers, undefined)
      assert.equal(await world.inKafka(name), undefined)
    }
  })

  test('a topic at rest does not change', async () => {
    await world.apply('rests', { partitions: 1 })
    const { metadata } = await world.told('rests', 'Ready')
    await world.apply('next', { partitions: 1 })
    await world.told('next', 'Ready')
    assert.equal((await world.object('rests'))?.metadata.resourceVersion, metadata.resourceVersion)
  })

  // With the role of one namespace that role would go with the namespace, so this is for all namespaces.
  if (place.namespace === undefined) {
    test('a namespace with topics can be deleted', () => deletesNamespace(world))
    return
  }
  test('a broker that goes away and comes back leaves the topic Ready with the same id', async () => {
    await world.apply('survives', { partitions: 1 })
    const { status } = await world.told('survives', 'Ready')
    await world.kafka.kill()
    await world.apply('survives', { partitions: 2 })
    const away = await world.told('survives', 'KafkaError')
    assert.equal(away.status?.topicId, status?.topicId)
    await world.kafka.restart()
    assert.equal((await world.told('survives', 'Ready')).status?.topicId, status?.topicId)
    assert.equal((await world.inKafka('survives'))?.partitions, 2)
  })
}

const deletesNamespace = async (world: World): Promise<void> => {
  await world.kubectl('create namespace shop')
  await world.kubectl('apply -n shop -f -', topic('of-shop', { 'strimzi.io/cluster': 'data-on-eks' }))
  await until('in Kafka', () => world.inKafka('of-shop'))
  await world.kubectl('delete namespace shop --timeout=60s')
  assert.equal(await world.inKafka('of-shop'), undefined)
}

const topic = (name: string, labels: object) => ({
  apiVersion: 'kafka.strimzi.io/v1',
  kind: 'KafkaTopic',
  metadata: { name, labels },
  spec: { partitions: 1 },
})

/** Runs the controller with the rights of its own service account; gives the way to end it. */
async function startController(
  { plane, kafka, kubectl }: World,
  { role, namespace }: Place,
): Promise<() => Promise<void>> {
  await kubectl(`apply -n kafka -f ${join(CONFIG, 'topics', 'service-account.yaml')}`)
  await kubectl(`apply -n kafka -f ${join(CONFIG, role, 'role.yaml')}`)
  const token = await kubectl('create token clickstream-topics')
  const end = new AbortController()
  const broker = openAdmin({ bootstrapServers: kafka.bootstrapServers, clientId: 'clickstream-topics' })
  const topics = await runTopics({
    broker,
    kafkaCluster: 'data-on-eks',
    namespace,
    config: withToken(plane.kubeconfig, token.trim()),
    logger: keptLogger().logger,
    signal: end.signal,
  })
  await until('the controller is ready', () => topics.problems().length === 0)
  return async () => {
    end.abort()
    await topics.over
    await broker.close()
  }
}

function withToken(kubeconfig: string, token: string): KubeConfig {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const cluster = config.getCurrentCluster()
  assert.ok(cluster)
  config.loadFromOptions({
    clusters: [cluster],
    users: [{ name: 'topics', token }],
    contexts: [{ name: 'topics', cluster: cluster.name, user: 'topics' }],
    currentContext: 'topics',
  })
  return config
}
