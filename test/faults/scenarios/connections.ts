import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { until } from '../../../dev/until.ts'
import { isList, isWatch, watchOf } from '../proxy.ts'
import { ended, same, type Scenario, seconds, within } from '../scenario.ts'

export const resets: Scenario = {
  fault: 'connections reset again and again',
  expected: same,
  run: (given) =>
    within(given, async (trial) => {
      const start = performance.now()
      await trial.start()
      let resets = 0
      const most = given.long ? 60 : 12
      const hitting = (async () => {
        for (; resets < most; resets++) {
          await pause(200 + 400 * Math.random())
          trial.network.reset()
        }
      })()
      await trial.tell()
      await hitting
      const figures = await ended(trial, start, { deadline: given.long ? 90_000 : 60_000, writes: 200 })
      return `${resets} resets; ${figures}`
    }),
}

export const halfOpen: Scenario = {
  fault: 'connection half-open: nothing passes, nobody is told',
  expected: `noticed within 60 s; ${same}`,
  run: (given) =>
    within(given, async (trial) => {
      await trial.start()
      await trial.create()
      const before = trial.network.accepted()
      const start = performance.now()
      trial.network.freeze()
      await trial.edit()
      await until('a new connection', () => trial.network.accepted() > before, { deadline: 60_000 })
      const noticed = performance.now() - start
      return `noticed after ${seconds(noticed)}; ${await ended(trial, start, { deadline: 75_000, writes: 40 })}`
    }),
}

export const bookmarks: Scenario = {
  fault: 'watches that bring bookmarks only, and end',
  expected: `each goes on from the last bookmark without a new list; ${same}`,
  run: (given) =>
    within(given, async (trial) => {
      const asked: string[] = []
      const told: string[] = []
      let lists = 0
      trial.proxy.rule = async (call, pass) => {
        if (!call.path.endsWith('/deployments')) return pass()
        if (isList(call)) lists += 1
        if (!isWatch(call)) return pass()
        asked.push(call.query.get('resourceVersion') ?? '')
        if (told.length === 3) return pass()
        const { metadata } = JSON.parse(await trial.raw('services')) as {
          metadata: { resourceVersion: string }
        }
        told.push(metadata.resourceVersion)
        const object = { kind: 'Deployment', apiVersion: 'apps/v1', metadata }
        return watchOf(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`)
      }
      const start = performance.now()
      await trial.start()
      await trial.tell()
      await until('the fourth watch', () => asked.length === 4)
      const figures = await ended(trial, start, { deadline: 60_000, writes: 40 })
      assert.deepEqual(asked.slice(1, 4), told)
      assert.equal(lists, 1)
      return figures
    }),
}
