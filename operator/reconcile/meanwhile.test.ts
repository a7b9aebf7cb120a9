import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aReading } from '../testing/summary.ts'
import { key, ready, satisfyTopics, says } from '../testing/world.ts'

test("what is told is of the spec that was applied: an edit during a pass is the next one's", async () => {
  const { cluster, pass, put } = await ready()
  const written = () => cluster.get<'ClickstreamPipeline'>('ClickstreamPipeline', key)
  const before = written()?.status
  cluster.remove('Service', { namespace: 'shop', name: 'clickstream-consumer' })
  const apply = cluster.apply.bind(cluster)
  cluster.apply = async (object) => {
    const applied = await apply(object)
    cluster.apply = apply
    put({ producer: { rate: 20 } })
    return applied
  }
  assert.deepEqual(await pass(), { kind: 'retry' })
  assert.deepEqual(written()?.status, before)
  await pass()
  assert.equal(written()?.status?.['observedGeneration'], written()?.metadata.generation)
  assert.equal(says(cluster, 'Ready').reason, 'RollingOut')
})

/** What the status says beside its conditions. */
const told = ({ cluster }: Pick<Awaited<ReturnType<typeof ready>>, 'cluster'>) => {
  const { status = {} } = cluster.get<'ClickstreamPipeline'>('ClickstreamPipeline', key)!
  const { conditions: _, observedGeneration, ...rest } = status
  return { observedGeneration, rest: rest as Record<string, { [name: string]: unknown }> }
}

test('while the spec breaks a rule the status keeps what is known of topics, pods and data', async () => {
  const on = await ready()
  on.see(aReading(on.elapse(20_000)))
  await on.pass()
  const { rest: before } = told(on)
  assert.deepEqual(Object.keys(before).sort(), [
    'consumer',
    'flow',
    'processor',
    'producer',
    'topics',
    'window',
  ])
  on.put({ processor: { replicas: 99 } })
  await on.pass()
  assert.deepEqual(told(on), { observedGeneration: 2, rest: before })
})

test('but no topic is told as ready and no pod as running that is not any more', async () => {
  const on = await ready()
  on.put({ processor: { replicas: 99 } })
  on.cluster.remove('Deployment', { namespace: 'shop', name: 'clickstream-producer' })
  on.cluster.report('Deployment', { namespace: 'shop', name: 'clickstream-consumer' }, { replicas: 1 })
  on.cluster.remove('KafkaTopic', { namespace: 'shop', name: 'clickstream-events' })
  const conditions = [{ type: 'Ready', status: 'False', reason: 'KafkaError' }]
  on.cluster.report(
    'KafkaTopic',
    { namespace: 'shop', name: 'clickstream-dlq' },
    { observedGeneration: 1, conditions },
  )
  await on.pass()
  const { producer, consumer, topics } = told(on).rest
  assert.deepEqual([producer?.['replicas'], producer?.['ready']], [0, '0/1'])
  assert.deepEqual([consumer?.['replicas'], consumer?.['ready']], [1, '0/1'])
  const { events, metrics, dlq } = topics as Record<string, { ready: boolean; uid: string }>
  assert.deepEqual([events?.ready, metrics?.ready, dlq?.ready], [false, true, false])
  on.told.length = 0
  on.put()
  await on.pass()
  assert.equal(on.told.filter((line) => line.includes('TopicRecreated')).length, 1)
})

test('an edit of the window is told once, also when it waits for a topic; another spelling of the same is none', async () => {
  const { cluster, pass, put, told } = await ready({ processor: { window: { size: '60s' } } })
  const changes = () => told.filter((line) => line.includes('WindowChanged'))
  put({ processor: { window: { size: '1m' } } })
  await pass()
  assert.deepEqual(changes(), [])
  cluster.remove('KafkaTopic', { namespace: 'shop', name: 'clickstream-events' })
  put({ processor: { window: { size: '1m', slide: '10s' } } })
  await pass()
  put({ processor: { window: { size: '1m', slide: '10s' } }, producer: { rate: 77 } })
  await pass()
  satisfyTopics(cluster)
  await pass()
  assert.deepEqual(changes(), [
    'Normal WindowChanged shop/clickstream: windows of 1m every 10s instead of 1m: they begin where what is published ends',
  ])
  put({ processor: { window: { size: '2m', slide: '10s' } } })
  await pass()
  assert.match(changes()[1] ?? '', /: windows of 2m every 10s instead of 1m every 10s: /)
})
