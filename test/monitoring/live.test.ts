import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../../dev/until.ts'
import { allMetrics } from '../../dev/monitoring/metrics.ts'
import { connect } from '../../runtime/kafka/log.ts'
import type { Program } from '../live/program.ts'
import { type Prometheus, startPrometheus } from '../live/prometheus.ts'
import { namespace, openStage, type Stage } from '../live/stage.ts'
import { dashboard, questions, rules } from './manifests.ts'

/** Running pods of a pipeline, and Debian's Prometheus that scrapes them. */

const name = 'shop'
let stage: Stage
let prometheus: Prometheus
let pods: Record<'producer' | 'processor' | 'consumer', Program>

const seconds = { size: '2s', grace: '1s', idleTimeout: '1s' }

before(async () => {
  stage = await openStage()
  await stage.apply({
    name,
    spec: {
      topics: { events: { partitions: 2 } },
      producer: { rate: 50 },
      processor: { window: seconds },
    },
  })
  const pod = (role: keyof typeof pods) => stage.pod(name, role)
  const [producer, processor, consumer] = await Promise.all([
    pod('producer'),
    pod('processor'),
    pod('consumer'),
  ])
  pods = { producer, processor, consumer }
  const target = (program: Program, pod: string, honorLabels = false) => ({
    url: program.url,
    labels: { namespace, pod },
    honorLabels,
  })
  prometheus = await startPrometheus(stage.directory, [
    target(stage.operator, 'operator', true),
    target(stage.topics, 'topics', true),
    ...Object.entries(pods).map(([role, program]) => target(program, `${name}-${role}`)),
  ])
  await sendGarbage()
})
after(async () => {
  await prometheus?.end()
  await stage?.end()
})

/** What is no event, again and again: a rate needs two scrapes with another count. */
const sendGarbage = async (): Promise<void> => {
  const log = await connect({ bootstrapServers: stage.broker.bootstrapServers, clientId: 'test' })
  const value = Buffer.from('{"user_id":')
  const sent = async () => {
    await log.append({ topic: `${name}-events`, partition: 0, messages: [{ key: null, value }] })
    return (
      (await prometheus.query('rate(clickstream_dead_letters_total{reason="NotJson"}[5m]) > 0')).length > 0
    )
  }
  await until('dead letters', sent, { every: 500 })
  await log.close()
}

/** Names of the metrics of ours that a process shows values of. */
const shown = async (program: Program): Promise<string[]> => {
  const text = await program.get('/metrics')
  const names =
    text.match(/^(?:clickstream|controller_runtime|workqueue|rest_client|leader_election)_\w+/gm) ?? []
  return [...new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, '')))].sort()
}

const named = (who: string): string[] => (allMetrics()[who] ?? []).map(({ name }) => name).sort()

test('each pod shows every metric that docs/metrics.md has for it, and no other', async () => {
  for (const [role, program] of Object.entries(pods)) {
    const whole = async () => (await shown(program)).length >= named(role).length
    await until(`all metrics of the ${role}`, whole).catch(() => undefined)
    assert.deepEqual(await shown(program), named(role), role)
  }
  assert.deepEqual(await shown(stage.operator), named('operator'))
  for (const [name, program] of Object.entries({ operator: stage.operator, topics: stage.topics })) {
    const leads = `leader_election_master_status{name="clickstream-${name}"} 1`
    assert.ok((await program.get('/metrics')).split('\n').includes(leads), leads)
  }
  const pipelines = /^clickstream_(pipeline|operator_events)_/
  assert.deepEqual(
    await shown(stage.topics),
    named('operator').filter((name) => !pipelines.test(name)),
  )
})

test('every panel of ours has values of the running pods', async () => {
  const foreign = /kafka_|kube_/
  const asked = dashboard().panels.flatMap(({ title }) => questions(title, { namespace, pipeline: name }))
  assert.equal(asked.length, 19)
  for (const expr of asked) {
    const values = await prometheus.query(expr)
    if (foreign.test(expr)) assert.deepEqual(values, [], expr)
    else await until(`values of ${expr}`, async () => (await prometheus.query(expr)).some(Number.isFinite))
  }
  assert.deepEqual(await prometheus.query(`clickstream_pipeline_ready{namespace="${namespace}"}`), [0])
  assert.deepEqual(await prometheus.query('sum(clickstream_unaccounted_events)'), [0])
})

test('Prometheus evaluates every rule against them, and what is well raises no alarm', async () => {
  const states = await until('the rules', async () => {
    const found = await prometheus.rules()
    return found.every(({ health }) => health !== 'unknown') && found
  })
  assert.deepEqual(
    states.map(({ name, health, lastError = '' }) => `${name} ${health} ${lastError}`).sort(),
    rules()
      .map(({ alert }) => `${alert} ok `)
      .sort(),
  )
  assert.deepEqual(
    states.filter(({ state }) => state === 'firing').map(({ name }) => name),
    [],
  )
  assert.deepEqual(await prometheus.targets(), ['up', 'up', 'up', 'up', 'up'])
})

test('a processor that is gone is noticed', async () => {
  await pods.processor.stop()
  const [rule] = rules().filter(({ alert }) => alert === 'ClickstreamProcessorAbsent')
  await until('the rule has found it', async () => (await prometheus.query(rule?.expr ?? '')).length === 1)
  const pending = async () =>
    (await prometheus.rules()).find(({ name }) => name === 'ClickstreamProcessorAbsent')?.state
  await until('the alert is pending', async () => (await pending()) === 'pending')
})
