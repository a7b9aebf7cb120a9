import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ONE_NAMESPACE } from '../../dev/deploy.ts'
import { until } from '../../dev/until.ts'
import { results } from './oracle.ts'
import { pipelineOf, says, untilReady, world, type World } from './world.ts'

/** Changes that cannot work, suspension and resumption, with real pods and a real Kafka. */

let on: World
const name = 'life'
const csp = `clickstreampipeline/${name}`
const podsOf = async (role: string) => {
  const labels = `app.kubernetes.io/instance=${name},app.kubernetes.io/component=${role}`
  return (await on.get('pods', '-l', labels)).items
}

const conditionOf = async (of: string) => {
  const { status } = await on.get(csp)
  return status?.conditions?.find(({ type }) => type === of) ?? assert.fail(`no condition ${of}`)
}

before(async () => {
  on = await world('kafka', ONE_NAMESPACE)
  await on.apply(pipelineOf(name, { deletionPolicy: 'Delete' }))
  await untilReady(on, name)
})
after(async () => {
  await on?.kubectl('delete', csp, '--ignore-not-found', '--timeout=60s')
  await on?.close()
})

test('brokers that do not exist leave the running pods alone, windows go on, and the message has the command that shows why', async () => {
  const running = (await podsOf('processor')).map(({ metadata }) => metadata.uid)
  await on.patch(csp, { spec: { kafka: { bootstrapServers: 'nowhere.kafka:9092' } } })
  await until('a new processor', async () => (await podsOf('processor')).length === 2, { deadline: 60_000 })
  const windows = async () => results(await on.oracle.read(`${name}-metrics`)).length
  const before = await windows()
  await until('ten more windows', async () => (await windows()) >= before + 10, { deadline: 60_000 })
  const uids = (await podsOf('processor')).map(({ metadata }) => metadata.uid)
  assert.deepEqual(
    running.filter((uid) => !uids.includes(uid)),
    [],
  )
  const [, command = ''] = await until('where to look', async () => {
    const { message } = await conditionOf('ProcessorAvailable')
    return /kubectl (logs .+) says what they wait for$/.exec(message) ?? undefined
  })
  assert.match(
    await on.kubectl(...command.split(' ')),
    /life-processor.*connecting to nowhere\.kafka.*waiting for Kafka/,
  )
  const bootstrapServers = 'data-on-eks-kafka-bootstrap.kafka:9092'
  await on.patch(csp, { spec: { kafka: { bootstrapServers } } })
  await untilReady(on, name)
})

test('a suspended pipeline has counted every event and published every window before its processors stop', async (t) => {
  const begun = Date.now()
  await on.patch(csp, { spec: { suspend: true } })
  await until('Suspended', () => says(on, name, 'Suspended'), { deadline: 180_000, every: 500 })
  t.diagnostic(`suspended within ${(Date.now() - begun) / 1_000} s`)
  const { reason, message } = await conditionOf('Suspended')
  assert.deepEqual([reason, message.slice(0, 13)], ['Drained', 'drained: true'])
  const written = (await on.oracle.read(`${name}-events`)).length
  const rows = results(await on.oracle.read(`${name}-metrics`))
  assert.equal(
    rows.reduce((sum, { total, late }) => sum + total + late, 0),
    written,
  )
})

test('a pipeline that resumes has all its pods and its windows again', async () => {
  await on.patch(csp, { spec: { suspend: false } })
  await untilReady(on, name)
  await until('the data flow', () => says(on, name, 'Flowing'), { deadline: 60_000, every: 500 })
})

test('pods that somebody asked for are no warning', async () => {
  await on.patch(csp, { spec: { processor: { replicas: 2 }, consumer: { replicas: 2 } } })
  await untilReady(on, name)
  const warnings = `jsonpath={range .items[?(@.involvedObject.name=="${name}")]}{.reason} {.message}{"\\n"}{end}`
  const told = await on.kubectl('get', 'events', '--field-selector=type=Warning', `--output=${warnings}`)
  assert.doesNotMatch(told, /NotReady|Unavailable|ProgressDeadline/)
})
