import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Key, PipelineObject } from '../api/kubernetes.ts'
import { consumerService } from '../desired/service.ts'
import { Queue } from '../reconcile/queue.ts'
import { runController } from '../reconcile/controller.ts'
import { fakeClock } from '../testing/clock.ts'
import { fakeCluster } from '../testing/cluster.ts'
import { keptLogger } from '../testing/logger.ts'
import { availableDeployment, pipeline, pipelineObject, wanted } from '../testing/pipelines.ts'
import { aSummary } from '../testing/summary.ts'
import type { Summary } from '../../runtime/summary.ts'
import { flowPoller } from './poller.ts'

const key: Key = { namespace: 'shop', name: 'clickstream' }
const second = 1_000

/** A pipeline whose consumer answers as the test wants, and the poller that asks it. */
const world = () => {
  const asked: string[] = []
  const heard: string[] = []
  let answer: () => Promise<Summary> = async () => aSummary()
  let time = 5
  const cluster = fakeCluster()
  const poller = flowPoller({
    cluster,
    read: ({ name }) => {
      asked.push(name)
      return answer()
    },
    heard: ({ metadata }) => void heard.push(metadata.name),
    now: () => time,
    random: () => 0,
  })
  const put = (name: string): PipelineObject => {
    const { metadata, ...rest } = pipelineObject()
    const object = cluster.put({
      ...rest,
      kind: 'ClickstreamPipeline',
      metadata: { namespace: 'shop', name },
    })
    const of = pipeline({}, { ...metadata, name, uid: object.metadata.uid })
    cluster.put({ ...consumerService(of), kind: 'Service' })
    const { status, ...deployment } = availableDeployment(wanted(of).deployments.consumer)
    cluster.put({
      ...deployment,
      kind: 'Deployment',
      metadata: { namespace: 'shop', name: `${name}-consumer` },
    })
    cluster.report('Deployment', { namespace: 'shop', name: `${name}-consumer` }, status!)
    return object
  }
  return {
    cluster,
    poller,
    asked,
    heard,
    put,
    seen: () => poller.seen(cluster.get('ClickstreamPipeline', key)!),
    elapse: (ms: number) => void (time += ms),
    answers: (given: () => Promise<Summary>) => void (answer = given),
  }
}
const refuses = () => Promise.reject(new Error('connection refused'))

test('what the consumer says is seen and told, and asked again after 15 s', async () => {
  const { poller, heard, put, seen } = world()
  put('clickstream')
  assert.equal(seen(), undefined)
  assert.deepEqual(await poller.poll(key), { kind: 'wait', after: 15 * second })
  assert.deepEqual(seen(), { summary: aSummary(), at: 5 })
  assert.deepEqual(heard, ['clickstream'])
})

test('while a suspension waits for the data it is asked every 3 s', async () => {
  const { cluster, poller, put } = world()
  put('clickstream')
  const suspend = (suspension: object) =>
    cluster.report('ClickstreamPipeline', key, { observedGeneration: 1, suspension })
  suspend({ since: '2026-01-31T12:00:00.000Z' })
  assert.deepEqual(await poller.poll(key), { kind: 'wait', after: 3 * second })
  suspend({ since: '2026-01-31T12:00:00.000Z', drained: true })
  assert.deepEqual(await poller.poll(key), { kind: 'wait', after: 15 * second })
})

test('one failure changes nothing, a second makes it unreadable, and it is asked less and less often', async () => {
  const { poller, put, seen, answers } = world()
  put('clickstream')
  await poller.poll(key)
  answers(refuses)
  const waits: unknown[] = []
  for (let n = 0; n < 6; n += 1) {
    const outcome = await poller.poll(key)
    waits.push(outcome.kind === 'wait' && outcome.after / second)
    if (n === 0) assert.deepEqual(seen(), { summary: aSummary(), at: 5 })
    else assert.equal(seen(), 'unreadable')
  }
  assert.deepEqual(waits, [15, 30, 60, 120, 120, 120])
  answers(async () => aSummary())
  assert.deepEqual(await poller.poll(key), { kind: 'wait', after: 15 * second })
  assert.deepEqual(seen(), { summary: aSummary(), at: 5 })
})

test('what was heard four minutes ago, or at a time to come, is not what is seen', async () => {
  const { poller, put, seen, elapse, answers } = world()
  put('clickstream')
  await poller.poll(key)
  elapse(240 * second)
  assert.deepEqual(seen(), { summary: aSummary(), at: 5 })
  elapse(1)
  assert.equal(seen(), undefined)
  elapse(-241 * second)
  assert.equal(seen(), undefined)
  answers(refuses)
  elapse(3_600 * second)
  await poller.poll(key)
  assert.equal(seen(), undefined)
  await poller.poll(key)
  assert.equal(seen(), 'unreadable')
  elapse(3_600 * second)
  assert.equal(seen(), undefined)
})

test("another pipeline's summary is no answer", async () => {
  const { poller, put, seen, answers } = world()
  put('clickstream')
  answers(async () => aSummary({ pipeline: 'other' }))
  await poller.poll(key)
  await poller.poll(key)
  assert.equal(seen(), 'unreadable')
})

test('without a ready pod, or behind a Service of somebody else, nobody is asked', async () => {
  const { cluster, poller, put, asked, seen } = world()
  put('clickstream')
  const at = { namespace: 'shop', name: 'clickstream-consumer' }
  cluster.report('Deployment', at, { readyReplicas: 0 })
  assert.equal(seen(), 'unserved')
  await poller.poll(key)
  assert.deepEqual(await poller.poll(key), { kind: 'wait', after: 15 * second })
  assert.equal(seen(), 'unserved')
  cluster.report('Deployment', at, { readyReplicas: 1 })
  cluster.remove('Service', at)
  cluster.put({ apiVersion: 'v1', kind: 'Service', metadata: at, spec: {} })
  await poller.poll(key)
  assert.deepEqual(asked, [])
})

test('what was heard stays seen when the only pod of the consumer is replaced, until two askings came to nothing', async () => {
  const { cluster, poller, put, seen } = world()
  put('clickstream')
  await poller.poll(key)
  cluster.report('Deployment', { namespace: 'shop', name: 'clickstream-consumer' }, { readyReplicas: 0 })
  for (const expected of [aSummary(), aSummary(), undefined]) {
    const what = seen()
    assert.deepEqual(typeof what === 'object' ? what.summary : undefined, expected)
    await poller.poll(key)
  }
  assert.equal(seen(), 'unserved')
})

test('a pipeline that is gone is asked no more, and one made anew begins without a reading', async () => {
  const { cluster, poller, put, seen } = world()
  put('clickstream')
  await poller.poll(key)
  cluster.remove('ClickstreamPipeline', key)
  put('clickstream')
  assert.equal(seen(), undefined)
  cluster.remove('ClickstreamPipeline', key)
  assert.deepEqual(await poller.poll(key), { kind: 'done' })
})

test('of many pipelines eight are asked at a time, and consumers that hang delay no others for long', async () => {
  const { poller, put, answers } = world()
  const clock = fakeClock()
  const queue = new Queue({ clock })
  for (let n = 0; n < 200; n += 1) {
    put(`p${n}`)
    queue.add({ namespace: 'shop', name: `p${n}` })
  }
  let [running, most, ended] = [0, 0, 0]
  answers(async () => {
    most = Math.max(most, ++running)
    await new Promise<void>((resolve) => clock.after(100, resolve))
    running -= 1
    ended += 1
    throw new Error('no answer')
  })
  const end = new AbortController()
  const { logger } = keptLogger()
  const over = runController({ queue, reconcile: poller.poll, workers: 8, logger, signal: end.signal, clock })
  await clock.advance(2_600)
  assert.deepEqual([most, ended], [8, 200])
  end.abort()
  await clock.advance(200)
  await over
})
