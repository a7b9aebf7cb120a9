import assert from 'node:assert/strict'
import { until } from '../../../dev/until.ts'
import { answer, isWrite } from '../proxy.ts'
import { ended, same, type Scenario, seconds, within } from '../scenario.ts'
import { stands, type Trial } from '../trial.ts'

/** What hands do to a child. */
type Deed = (trial: Trial, path: string) => Promise<unknown>

const merge =
  (body: object): Deed =>
  ({ stage }, path) =>
    stage.world.admin.request({ method: 'PATCH', path, body, contentType: 'application/merge-patch+json' })

const deeds: Record<string, Deed> = {
  deleted: ({ stage }, path) => stage.world.admin.request({ method: 'DELETE', path }),
  edited: merge({ spec: { template: { spec: { terminationGracePeriodSeconds: 5 } }, partitions: 12 } }),
  relabelled: merge({ metadata: { labels: { 'clickstream.dev/pipeline': null } } }),
  orphaned: merge({ metadata: { ownerReferences: null } }),
  scaled: merge({ spec: { replicas: 5 } }),
}

const foreign = { 'example.com/note': 'ours' }

/** Does it, and gives how long it took to be undone, and how many passes wrote the child for it. */
const undo = async (trial: Trial, path: string, name: string) => {
  await merge({ metadata: { annotations: foreign } })(trial, path)
  await stands(async () => String(await trial.operator().passes()), 700)
  const expected = await trial.snapshot()
  const from = trial.proxy.calls.length
  const start = performance.now()
  await deeds[name]?.(trial, path)
  const writes = () => trial.proxy.writes(from).filter((call) => call.path === path)
  await until(`${name} is undone`, () => writes().length > 0, { deadline: 5_000, every: 5 })
  await trial.reaches(expected, { deadline: 5_000, what: `${path} ${name}` })
  const took = performance.now() - start
  const { metadata } = (await trial.stage.world.admin.request({ method: 'GET', path })) as {
    metadata: { annotations?: Record<string, string> }
  }
  const note = metadata.annotations?.['example.com/note']
  if (name !== 'deleted') assert.equal(note, 'ours', `${name}: the note of another`)
  return { took, passes: writes().length }
}

/** Not the processor is deleted: its Deployment alone knows the generation of the window, which is a newer one then. */
const rolesFor = (name: string, long: boolean): string[] => {
  if (name === 'deleted') return ['producer', 'consumer']
  return long ? ['producer', 'processor', 'consumer'] : ['processor']
}

export const hands: Scenario = {
  fault: 'children deleted, edited, relabelled, orphaned, scaled by hand',
  expected: `each undone within 5 s in at most 2 passes, fields of others kept; ${same}`,
  run: (given) =>
    within(given, async (trial) => {
      await trial.start()
      await trial.tell()
      await trial.settled(30_000)
      const start = performance.now()
      const results: { took: number; passes: number }[] = []
      const at = `namespaces/${given.namespace}`
      for (const name of Object.keys(deeds)) {
        for (const role of rolesFor(name, given.long))
          results.push(await undo(trial, `/apis/apps/v1/${at}/deployments/shop-${role}`, name))
      }
      for (const name of ['deleted', 'relabelled'])
        results.push(await undo(trial, `/apis/kafka.strimzi.io/v1/${at}/kafkatopics/shop-dlq`, name))
      for (const name of ['deleted', 'relabelled'])
        results.push(await undo(trial, `/api/v1/${at}/services/shop-consumer`, name))
      const most = Math.max(...results.map(({ passes }) => passes))
      assert.ok(most <= 2, `${most} passes`)
      const slowest = seconds(Math.max(...results.map(({ took }) => took)))
      const figures = await ended(trial, start, { deadline: 300_000, writes: 400 })
      return `${results.length} deeds, the slowest undone in ${slowest}, at most ${most} passes; ${figures}`
    }),
}

const good = Array.from({ length: 100 }, (_, i) => `good-${i}`)

export const poison: Scenario = {
  fault: 'one pipeline whose every write fails, beside 100 good ones',
  expected: 'an edit of any good one is written within 2 s',
  run: (given) =>
    within(given, async (trial) => {
      trial.proxy.rule = async (call, pass) =>
        isWrite(call) && call.path.includes('/poison') ? answer(500, 'InternalError') : pass()
      await trial.start()
      for (const name of [...good, 'poison']) await trial.put({ suspend: true }, name)
      const all = async () => (await trial.list('deployments')).length === 3 * good.length
      await until('all Deployments', all, { deadline: 120_000, every: 500 })
      await stands(
        () =>
          Promise.resolve(
            String(trial.proxy.writes().filter(({ path }) => !path.includes('/poison')).length),
          ),
        1_000,
      )
      const waits: number[] = []
      for (const name of good) {
        const from = trial.proxy.calls.length
        const start = performance.now()
        await trial.put({ suspend: true, producer: { rate: 77 } }, name)
        const written = () =>
          trial.proxy.writes(from).find(({ path }) => path.endsWith(`/deployments/${name}-producer`))
        const call = await until(`the edit of ${name}`, written, { deadline: 5_000, every: 2 })
        waits.push(call.at - start)
      }
      const tries = trial.proxy.writes().filter(({ path }) => path.includes('/poison')).length
      const most = Math.max(...waits)
      assert.ok(most <= 2_000, `an edit waited ${seconds(most)}`)
      return `the slowest of 100 edits written after ${Math.round(most)} ms; ${tries} tries of the poison; ${trial.proxy.since(0).length} requests`
    }),
}
