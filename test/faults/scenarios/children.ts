import assert from 'node:assert/strict'
import { until } from '../../../dev/until.ts'
import { answer, type Call, isWrite } from '../proxy.ts'
import { ended, type Given, same, type Scenario, seconds, within } from '../scenario.ts'
import { stands, type Trial } from '../trial.ts'

/** What hands do to a child. */
type Deed = (trial: Trial, path: string) => Promise<unknown>

const merge =
  (body: (path: string) => object): Deed =>
  ({ stage }, path) =>
    stage.world.admin.request({
      method: 'PATCH',
      path,
      body: body(path),
      contentType: 'application/merge-patch+json',
    })

/** A field of each kind that we set. */
const edit = (path: string): object => {
  if (path.includes('/deployments/')) return { template: { spec: { terminationGracePeriodSeconds: 5 } } }
  return path.includes('/kafkatopics/') ? { config: { 'cleanup.policy': 'compact' } } : { type: 'NodePort' }
}

const deeds: Record<string, Deed> = {
  deleted: ({ stage }, path) => stage.world.admin.request({ method: 'DELETE', path }),
  edited: merge((path) => ({ spec: edit(path) })),
  relabelled: merge(() => ({ metadata: { labels: { 'clickstream.dev/pipeline': null } } })),
  orphaned: merge(() => ({ metadata: { ownerReferences: null } })),
  scaled: merge(() => ({ spec: { replicas: 5 } })),
  renumbered: merge(() => ({ spec: { ports: [{ name: 'http', port: 81, targetPort: 'http' }] } })),
}

/** Of a port that is renumbered: the one that is refused, the ports, and the whole again. */
const writesOf = (deed: string): number => (deed === 'renumbered' ? 3 : 2)

const foreign = { 'example.com/note': 'ours' }

/**
 * Does it, and gives how long it took to be undone, and in which pass from then on it was written. At most two passes
 * write it, and no other child is written.
 */
const undo = async (trial: Trial, path: string, name: string) => {
  await merge(() => ({ metadata: { annotations: foreign } }))(trial, path)
  await trial.calm(700)
  const expected = await trial.snapshot()
  const from = trial.proxy.calls.length
  const before = await trial.operator().passes()
  let passes = 0
  trial.proxy.rule = async (call, pass) => {
    if (isOfChild(call) && passes === 0) passes = (await trial.operator().passes()) - before
    return pass()
  }
  const look = async () => writtenChildren(trial, from).length > 0 && (await trial.snapshot()) === expected
  const start = performance.now()
  await deeds[name]?.(trial, path)
  await until(`${name} is undone`, look, { deadline: 5_000, every: 5 })
  const took = performance.now() - start
  const written = writtenChildren(trial, from)
  assert.deepEqual([...new Set(written)], [path], `${name}: what was written`)
  assert.ok(
    passes <= 2 && written.length <= writesOf(name),
    `${name} ${path}: ${passes} passes, ${written.length} writes`,
  )
  const { metadata } = (await trial.stage.world.admin.request({ method: 'GET', path })) as {
    metadata: { annotations?: Record<string, string> }
  }
  const note = metadata.annotations?.['example.com/note']
  if (name !== 'deleted') assert.equal(note, 'ours', `${name}: the note of another`)
  return { took, passes }
}

const isOfChild = (call: Call): boolean => isWrite(call) && !call.path.endsWith('/status')

const writtenChildren = (trial: Trial, from: number): string[] =>
  trial.proxy
    .writes(from)
    .filter(isOfChild)
    .map(({ path }) => path)

/** What is done to which child. Topics have no owner. */
const victims = ({ namespace, long }: Given): [name: string, path: string][] => {
  const deployment = (role: string) => `/apis/apps/v1/namespaces/${namespace}/deployments/shop-${role}`
  const topic = `/apis/kafka.strimzi.io/v1/namespaces/${namespace}/kafkatopics/shop-dlq`
  const service = `/api/v1/namespaces/${namespace}/services/shop-consumer`
  const roles = long ? ['producer', 'processor', 'consumer'] : ['processor']
  const changes = ['edited', 'relabelled', 'orphaned', 'scaled'] as const
  return [
    ...['producer', 'processor', 'consumer'].map((role) => ['deleted', deployment(role)] as [string, string]),
    ...changes.flatMap((name) => roles.map((role) => [name, deployment(role)] as [string, string])),
    ...['deleted', 'edited', 'relabelled'].map((name) => [name, topic] as [string, string]),
    ...['deleted', 'edited', 'relabelled', 'orphaned', 'renumbered'].map(
      (name) => [name, service] as [string, string],
    ),
  ]
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
      for (const [name, path] of victims(given)) results.push(await undo(trial, path, name))
      const most = Math.max(...results.map(({ passes }) => passes))
      const slowest = seconds(Math.max(...results.map(({ took }) => took)))
      const figures = await ended(trial, start, { deadline: 300_000, writes: given.long ? 100 : 75 })
      return `${results.length} deeds, the slowest undone in ${slowest}, at most ${most} passes; ${figures}`
    }),
}

/** For 101 pipelines that are made and a hundred edits, about twice what was seen. */
const mostWrites = 2_600
const good = Array.from({ length: 100 }, (_, i) => `good-${i}`)

const deployments = (trial: Trial, many: number, deadline: number) =>
  until('all Deployments', async () => (await trial.list('deployments')).length === many, {
    deadline,
    every: 500,
  })

/** Edits one after the other; gives how long each, taken by the API server, waited until it was written; milliseconds. */
const edits = async (trial: Trial): Promise<number[]> => {
  const waits: number[] = []
  for (const name of good) {
    const from = trial.proxy.calls.length
    await trial.put({ suspend: true, producer: { rate: 77 } }, name)
    const start = performance.now()
    const written = () =>
      trial.proxy.writes(from).find(({ path }) => path.endsWith(`/deployments/${name}-producer`))
    const call = await until(`the edit of ${name}`, written, { deadline: 5_000, every: 2 })
    waits.push(Math.max(0, call.at - start))
  }
  return waits
}

export const poison: Scenario = {
  fault: 'one pipeline whose every write fails, beside 100 good ones',
  expected:
    'an edit of any good one is written within 2 s; the poison, cured and edited, is made within 10 s; a second pass writes nothing',
  run: (given) =>
    within(given, async (trial) => {
      const isPoison = ({ path }: Call) => path.includes('/poison')
      trial.proxy.rule = async (call, pass) =>
        isWrite(call) && isPoison(call) ? answer(500, 'InternalError') : pass()
      await trial.start()
      for (const name of [...good, 'poison']) await trial.put({ suspend: true }, name)
      await deployments(trial, 3 * good.length, 120_000)
      const writes = () => trial.proxy.writes().filter((call) => !isPoison(call))
      await stands(() => Promise.resolve(String(writes().length)), 1_000)
      const most = Math.max(...(await edits(trial)))
      assert.ok(most <= 2_000, `an edit waited ${seconds(most)}`)
      const tries = trial.proxy.writes().filter(isPoison).length
      assert.ok(tries <= 130, `${tries} tries of the poison`)
      trial.proxy.rule = (_call, pass) => pass()
      const cured = performance.now()
      await trial.put({ suspend: true, producer: { rate: 77 } }, 'poison')
      await deployments(trial, 3 * (good.length + 1), 10_000)
      const healed = seconds(performance.now() - cured)
      const [requests, written] = [trial.proxy.since(0).length, trial.proxy.writes().length]
      assert.ok(written <= mostWrites, `${written} writes`)
      await trial.secondPass()
      return `the slowest of 100 edits written after ${Math.round(most)} ms; ${tries} tries of the poison, made ${healed} after its cure and an edit; ${requests} requests, ${written} writes of ${mostWrites}`
    }),
}
