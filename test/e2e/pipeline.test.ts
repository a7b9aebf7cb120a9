import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ONE_NAMESPACE } from '../../dev/deploy.ts'
import { until } from '../../dev/until.ts'
import { malformed } from '../inputs/malformed.ts'
import { recount, results, type ResultRow } from './oracle.ts'
import { pipelineOf, says, told, untilReady, world, type World } from './world.ts'

/** One pipeline through its life, on a node that enforces the restricted Pod Security Standard. */

let on: World
const name = 'shop'
const csp = `clickstreampipeline/${name}`

before(async () => {
  on = await world('kafka', ONE_NAMESPACE)
})
after(() => on?.close())

const read = async () => results(await on.oracle.read(`${name}-metrics`))
/** The producer's events; what tests write by hand has no key. */
const events = async () => (await on.oracle.read(`${name}-events`)).filter(({ key }) => key !== undefined)

/** Waits for results that satisfy a condition, and returns all of them. */
const untilResults = (what: string, holds: (rows: ResultRow[]) => boolean, deadline = 60_000) =>
  until(
    what,
    async () => {
      const rows = await read()
      return holds(rows) && rows
    },
    { deadline, every: 500 },
  )

/** Every event before the end of the last window is in exactly one window, or late. */
const assertConserved = async (rows: ResultRow[]) => {
  const end = Math.max(...rows.map(({ start, size }) => start + size))
  const counted = rows.reduce((sum, { total }) => sum + total, 0)
  const late = rows.reduce((sum, row) => sum + row.late, 0)
  const written = (await events()).filter(
    ({ value }) => Date.parse(JSON.parse(String(value)).timestamp) < end,
  )
  assert.equal(counted + late, written.length)
}

test('apply makes the pipeline Ready, and its windows have the totals that a recount of the events gives', async () => {
  await on.apply(pipelineOf(name))
  await untilReady(on, name)
  const rows = await untilResults('five windows', (found) => found.length >= 5)
  const counts = recount(await events(), 2_000)
  assert.ok(rows.some(({ total }) => total === 100))
  for (const { start, size, total, late } of rows)
    assert.deepEqual([size, total, late], [2_000, counts.get(start), 0])
  await assertConserved(rows)
})

test('all pods of the pipeline and the operator run in a namespace that enforces restricted pods', async () => {
  const namespace = await on.get('namespace', 'kafka')
  assert.equal(namespace.metadata.labels['pod-security.kubernetes.io/enforce'], 'restricted')
  const { items } = await on.get('pods')
  assert.ok(items.length >= 5)
})

test('kubectl get shows a pipeline at a glance', async () => {
  const lines = (await on.kubectl('get', 'clickstreampipelines', name)).trimEnd().split('\n')
  assert.match(lines[0] ?? '', /^NAME +READY +REASON +RATE +WINDOW +PRODUCER +PROCESSOR +CONSUMER +AGE$/)
  assert.match(lines[1] ?? '', /^shop +True +Ready +50 +2s +1\/1 +1\/1 +1\/1 +\d+[sm]/)
})

test('malformed events never stop the stream: each lands in the dead letters with its reason', async () => {
  const letters = malformed
  await on.oracle.write(
    `${name}-events`,
    letters.map(({ value }) => ({ partition: 1, value })),
  )
  const rows = await until(
    'all dead letters',
    async () => {
      const found = await on.oracle.read(`${name}-dlq`)
      return found.length >= letters.length && found
    },
    { deadline: 60_000, every: 500 },
  )
  const reasons = rows.map(({ headers }) => headers['reason'])
  assert.deepEqual(
    reasons,
    letters.map(({ reason }) => reason),
  )
  const before = (await read()).length
  await untilResults('windows after the malformed events', (found) => found.length > before + 1)
  const { items } = await on.get('pods', '-l', `app.kubernetes.io/instance=${name}`)
  assert.ok(items.every(({ status }) => status?.containerStatuses?.[0]?.restartCount === 0))
})

test('a patch of the window size shows in the results within a minute, and no event is lost or doubled', async () => {
  await on.patch(csp, { spec: { processor: { window: { size: '3s' } } } })
  const rows = await untilResults(
    'windows of three seconds',
    (found) => found.filter(({ size }) => size === 3_000).length >= 3,
  )
  await assertConserved(rows)
  await untilReady(on, name)
})

test('a patch of the rate changes the measured rate', async () => {
  await on.patch(csp, { spec: { producer: { rate: 200 } } })
  const close = ({ size, total }: ResultRow) => size === 3_000 && Math.abs(total - 600) <= 6
  await untilResults('two windows of 600 events', (found) => found.filter(close).length >= 2)
})

test('kubectl scale changes the processors and a patch the producers, and totals stay exact', async () => {
  await on.kubectl('scale', csp, '--replicas=2')
  await on.patch(csp, { spec: { producer: { replicas: 2, rate: 50 } } })
  await untilReady(on, name)
  assert.equal((await on.get(`deployment/${name}-processor`)).status?.readyReplicas, 2)
  assert.equal((await on.get(`deployment/${name}-producer`)).status?.readyReplicas, 2)
  const close = ({ total }: ResultRow) => Math.abs(total - 300) <= 6
  const rows = await untilResults(
    'two windows of two producers',
    (found) => found.slice(-4).filter(close).length >= 2,
  )
  await assertConserved(rows)
})

test('a Deployment scaled, edited or deleted by hand is restored', async () => {
  const deployment = `deployment/${name}-producer`
  const producers = `app.kubernetes.io/instance=${name},app.kubernetes.io/component=producer`
  const restored = (
    what: string,
    holds: (spec: { replicas: number; rate: string | undefined }) => boolean,
  ) => {
    const look = async () => {
      const { spec } = await on.get(deployment)
      const rate = spec.template.spec.containers[0]?.env.find((variable) => variable.name === 'RATE')?.value
      return holds({ replicas: spec.replicas, rate })
    }
    return until(what, look, { deadline: 10_000, every: 100 })
  }
  await on.kubectl('scale', deployment, '--replicas=5')
  await restored('two producers', ({ replicas }) => replicas === 2)
  // Those of them that had just begun are told to stop before they can listen to it.
  const left = async () => (await on.get('pods', '-l', producers)).items.length
  await until('no other producer', async () => (await left()) === 2, { deadline: 15_000 })
  await on.kubectl('set', 'env', deployment, 'RATE=9999')
  await restored('the rate of the spec', ({ rate }) => rate === '50')
  const { uid } = (await on.get(deployment)).metadata
  await on.kubectl('delete', deployment)
  await restored('the Deployment', ({ replicas }) => replicas === 2)
  assert.notEqual((await on.get(deployment)).metadata.uid, uid)
  await untilReady(on, name)
})

test('a KafkaTopic deleted by hand is made again', async () => {
  const topic = `kafkatopic/${name}-dlq`
  const { uid } = (await on.get(topic)).metadata
  await on.kubectl('delete', topic, '--wait=false')
  const again = await until('the topic', async () => {
    const { metadata } = await on.get(topic)
    return metadata.uid !== uid && metadata.deletionTimestamp === undefined
  })
  assert.ok(again)
  await untilReady(on, name)
})

test('partitions grow downstream first, and a patch to fewer is refused with the reason', async () => {
  await on.patch(csp, { spec: { topics: { events: { partitions: 6 } } } })
  await until(
    'six partitions of events',
    async () => {
      const [events, panes] = [
        await on.oracle.partitions(`${name}-events`),
        await on.oracle.partitions(`${name}-panes`),
      ]
      assert.ok(panes >= events)
      return events === 6
    },
    { every: 50 },
  )
  await untilReady(on, name)
  const refused = on.patch(csp, { spec: { topics: { events: { partitions: 3 } } } })
  await assert.rejects(refused, /partitions cannot shrink, since Kafka cannot/)
  const before = (await read()).length
  await assertConserved(
    await untilResults('windows over six partitions', (rows) => rows.length >= before + 3),
  )
})

test('an operator that is killed and comes back writes nothing and restarts no pod', async () => {
  const state = async () => {
    const kinds = 'clickstreampipelines,kafkatopics,deployments,services,pods'
    const { items } = await on.get(kinds, '-l', `clickstream.dev/pipeline=${name}`)
    return items.map(({ metadata }) => [metadata.name, metadata.uid, metadata.resourceVersion])
  }
  await until('the data flow', () => says(on, name, 'Flowing'), { deadline: 60_000, every: 250 })
  const [operator] = (await on.get('pods', '-l', 'app.kubernetes.io/component=operator')).items
  const before = await state()
  const said = await told(on, name)
  await on.kubectl('delete', 'pod', operator?.metadata.name ?? '', '--grace-period=0', '--force')
  await until(
    'a pass of the new operator',
    async () => {
      const [pod] = (await on.get('pods', '-l', 'app.kubernetes.io/component=operator')).items
      if (pod === undefined || pod.metadata.uid === operator?.metadata.uid) return false
      const metrics = await on.kubectl(
        'get',
        '--raw',
        `/api/v1/namespaces/kafka/pods/${pod.metadata.name}:8080/proxy/metrics`,
      )
      return /controller_runtime_reconcile_total\{[^}]*\} [1-9]/.test(metrics)
    },
    { deadline: 60_000, every: 250 },
  )
  assert.deepEqual(await state(), before)
  const { version, observedAt, ...saidNow } = await told(on, name)
  assert.deepEqual({ ...saidNow, version: said.version, observedAt: said.observedAt }, said)
  assert.ok(
    version === said.version || observedAt !== said.observedAt,
    'only a new flow is a reason to write',
  )
})

test('delete with Retain keeps the topics and their data, and the same pipeline takes them back', async () => {
  await on.kubectl('delete', csp)
  await until(
    'the pods are gone',
    async () => (await on.get('pods', '-l', `clickstream.dev/pipeline=${name}`)).items.length === 0,
    { deadline: 60_000 },
  )
  const kept = (await read()).length
  const topics = await on.get('kafkatopics', '-l', `clickstream.dev/pipeline=${name}`)
  assert.equal(topics.items.length, 4)
  await on.apply(pipelineOf(name, { topics: { events: { partitions: 6 } }, deletionPolicy: 'Delete' }))
  await untilReady(on, name)
  const rows = await untilResults('windows after the return', (found) => found.length > kept + 2)
  await assertConserved(rows)
  const again = await on.get('kafkatopics', '-l', `clickstream.dev/pipeline=${name}`)
  assert.deepEqual(
    again.items.map(({ metadata }) => metadata.uid),
    topics.items.map(({ metadata }) => metadata.uid),
  )
})

test('delete with Delete removes the topics and their data', async () => {
  await on.kubectl('delete', csp, '--timeout=60s')
  assert.deepEqual((await on.get('kafkatopics', '-l', `clickstream.dev/pipeline=${name}`)).items, [])
  assert.deepEqual(
    (await on.oracle.topics()).filter((topic) => topic.startsWith(`${name}-`)),
    [],
  )
})
