import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ONE_NAMESPACE } from '../../dev/deploy.ts'
import { until } from '../../dev/until.ts'
import { malformed } from '../inputs/malformed.ts'
import { results } from './oracle.ts'
import { conditionOf, pipelineOf, says, untilReady, world, type World } from './world.ts'

/** What a pipeline's status says of its data, against what the topics hold. */

let on: World
const name = 'flow'
const csp = `clickstreampipeline/${name}`
const lag = () => on.oracle.lag(`${name}-processor`, `${name}-events`)

before(async () => {
  on = await world('kafka', ONE_NAMESPACE)
  await on.apply(pipelineOf(name, { deletionPolicy: 'Delete' }))
})
after(async () => {
  await on?.kubectl('delete', csp, '--ignore-not-found', '--timeout=60s')
  await on?.close()
})

/** Stops the processor, then the producer, so that events wait and nothing moves any more. */
const stopWithLag = async (): Promise<number> => {
  await on.patch(csp, { spec: { processor: { replicas: 0 } } })
  // One that still works would take from the lag after it was looked at.
  await gone('processor')
  await until('a lag', async () => (await lag()) > 300, { deadline: 60_000, every: 250 })
  await on.patch(csp, { spec: { producer: { replicas: 0 } } })
  await gone('producer')
  return lag()
}

const gone = async (role: string): Promise<void> => {
  const pods = `app.kubernetes.io/instance=${name},app.kubernetes.io/component=${role}`
  await until(`no ${role}`, async () => (await on.get('pods', '-l', pods)).items.length === 0, {
    deadline: 60_000,
  })
}

/**
 * Begins anew, and returns when other topics have the names. Without --wait=false kubectl waits for a name, and in vain when
 * the operator has made the object again between kubectl's first look and the list with which its watch begins.
 */
const deleteTopics = async (): Promise<void> => {
  const ours = ['--selector', `clickstream.dev/pipeline=${name}`]
  const topics = async () => (await on.get('kafkatopic', ...ours)).items.map(({ metadata }) => metadata)
  const old = new Set((await topics()).map(({ uid }) => uid))
  assert.equal(old.size, 4)
  await on.kubectl('delete', 'kafkatopic', ...ours, '--wait=false')
  const areNew = async () => {
    const found = await topics()
    const stay = found.filter(({ uid }) => old.has(uid))
    assert.deepEqual(stay, [], 'topics that are not deleted')
    return found.length === 4
  }
  await until('topics made anew', areNew, { deadline: 60_000, every: 250 })
}

test('results make the pipeline Flowing', async () => {
  await untilReady(on, name)
  await until('Flowing', () => says(on, name, 'Flowing'), { deadline: 60_000, every: 250 })
})

test('the status and kubectl get -o wide say of the data what the topics hold', async () => {
  await on.oracle.write(
    `${name}-events`,
    malformed.map(({ value }) => ({ partition: 1, value })),
  )
  const letters = async () => (await on.oracle.read(`${name}-dlq`)).length
  await until('all dead letters', async () => (await letters()) === malformed.length, { deadline: 60_000 })
  const waiting = await stopWithLag()
  const newest = results(await on.oracle.read(`${name}-metrics`)).at(-1) ?? assert.fail('no window')
  const flow = await until(
    'the flow of what stands still',
    async () => {
      const found = (await on.get(csp)).status?.flow
      return found?.lag === waiting && Date.parse(found.lastWindow?.start ?? '') === newest.start && found
    },
    { deadline: 90_000, every: 500 },
  )
  const end = Date.parse(flow.lastWindow?.end ?? '')
  assert.deepEqual(
    [end, flow.lastWindow?.totalEvents, flow.lastWindow?.uniqueUsers],
    [newest.start + newest.size, newest.total, newest.users],
  )
  assert.deepEqual([flow.lateEvents, flow.invalidEvents], [0, malformed.length])
  const [head = '', row = ''] = (await on.kubectl('get', csp, '--output=wide')).trimEnd().split('\n')
  assert.match(head, / AGE +CLUSTER +EVENTS +METRICS +LAG +FRESHNESS +MESSAGE$/)
  const cells = new RegExp(` data-on-eks +${name}-events +${name}-metrics +(\\d+) +(?:(\\d+)m)?(?:(\\d+)s)? `)
  const [, shown, minutes = 0, seconds = 0] = cells.exec(row) ?? assert.fail(row)
  assert.equal(Number(shown), waiting)
  const age = (Date.now() - end) / 1_000
  assert.ok(Math.abs(Number(minutes) * 60 + Number(seconds) - age) < 10, `${row} at an age of ${age} s`)
})

test('windows that do not come while events wait make it Behind, and Ready stays true', async () => {
  const flowing = await until(
    'not Flowing',
    () => conditionOf(on, name, { type: 'Flowing', status: 'False' }),
    { deadline: 120_000, every: 500 },
  )
  assert.equal(flowing.reason, 'Behind')
  assert.ok(await says(on, name, 'Ready'))
  await until('the event', async () =>
    /Warning +Behind .*the newest window ended at/.test(await on.kubectl('describe', csp)),
  )
  await on.patch(csp, { spec: { processor: { replicas: 1 }, producer: { replicas: 1 } } })
  await until('Flowing again', () => says(on, name, 'Flowing'), { deadline: 120_000, every: 500 })
})

test('processors that have stopped for good stall the pipeline, and the cure that it names heals it', async () => {
  await on.patch(csp, { spec: { processor: { replicas: 0 } } })
  await gone('processor')
  await until('an empty group', () =>
    on.oracle.rewind(`${name}-processor`, `${name}-events`).then(() => true),
  )
  await on.patch(csp, { spec: { processor: { replicas: 1 } } })
  const stalled = await until('Stalled', () => conditionOf(on, name, { type: 'Stalled', status: 'True' }), {
    deadline: 90_000,
    every: 500,
  })
  assert.equal(stalled.reason, 'Halted')
  assert.match(
    stalled.message,
    /^partition \d of flow-events: .* somebody else moved the position of the group/,
  )
  assert.match(stalled.message, /Delete the four topics of the pipeline to begin anew\.$/)
  await deleteTopics()
  await untilReady(on, name, 180_000)
  await until('Flowing again', () => says(on, name, 'Flowing'), { deadline: 90_000, every: 500 })
})
