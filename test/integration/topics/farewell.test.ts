import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { KubeConfig } from '@kubernetes/client-node'
import { FINALIZER } from '../../../operator/topics/claim.ts'
import { keptLogger } from '../../../operator/testing/logger.ts'
import { runTopics } from '../../../operator/topics/run.ts'
import { openAdmin } from '../../../runtime/kafka/admin.ts'
import { startWorld, type World } from './world.ts'

let world: World
before(async () => {
  world = await startWorld(
    join(import.meta.dirname, '..', '..', '..', 'config', 'topics', 'kafkatopics.yaml'),
  )
})
after(() => world.end())

test('a controller whose namespace is being deleted lets go of its topics there, and not of those of another Kafka', async () => {
  const broker = openAdmin({ bootstrapServers: world.kafka.bootstrapServers, clientId: 'farewell' })
  const config = new KubeConfig()
  config.loadFromFile(world.plane.kubeconfig)
  const stop = new AbortController()
  const controller = await runTopics({
    config,
    namespace: 'kafka',
    leaseNamespace: 'kafka',
    kafkaCluster: 'data-on-eks',
    broker,
    logger: keptLogger().logger,
    signal: stop.signal,
  })
  await world.apply('ours', { partitions: 1, replicas: 1 })
  await world.kubectl('apply -f -', {
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaTopic',
    metadata: { name: 'theirs', labels: { 'strimzi.io/cluster': 'other' }, finalizers: [FINALIZER] },
    spec: { partitions: 1, replicas: 1 },
  })
  const finalizers = async (name: string) => (await world.object(name))?.metadata.finalizers ?? []
  assert.deepEqual((await world.told('ours', 'Ready')).metadata.finalizers, [FINALIZER])
  await world.kubectl('delete namespace kafka --wait=false')
  stop.abort()
  await controller.over
  await broker.close()
  assert.deepEqual([await finalizers('ours'), await finalizers('theirs')], [[], [FINALIZER]])
})
