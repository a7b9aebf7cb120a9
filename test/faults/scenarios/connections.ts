import assert from 'node:assert/strict'
import { pipeline, type Readable, Transform } from 'node:stream'
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
      const figures = await ended(trial, start, { deadline: given.long ? 90_000 : 60_000, writes: 40 })
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
      return `noticed after ${seconds(noticed)}; ${await ended(trial, start, { deadline: 75_000 })}`
    }),
}

/** The kinds that the operator watches. */
const watched = 4

export const silent: Scenario = {
  fault:
    'watches fall silent on a connection that lives: pings are answered, no byte of a watch comes any more',
  expected: `each is begun anew within 60 s, on the same connection; ${same}`,
  run: (given) =>
    within(given, async (trial) => {
      let start = Infinity
      const begun = new Map<string, number>()
      trial.proxy.rule = async (call, pass) => {
        const answered = await pass()
        if (!isWatch(call)) return answered
        if (call.at > start && !begun.has(call.path)) begun.set(call.path, call.at - start)
        return { ...answered, body: silenced(answered.body, () => call.at < start && start < Infinity) }
      }
      await trial.start()
      await trial.create()
      const connections = trial.network.accepted()
      start = performance.now()
      await trial.edit()
      await until('new watches', () => begun.size === watched, { deadline: 60_000 })
      assert.equal(trial.network.accepted(), connections)
      const figures = await ended(trial, start, { deadline: 75_000 })
      return `new watches after ${[...begun.values()].map(seconds).join(', ')}; ${figures}`
    }),
}

/** What comes while it is not silent; it does not end while it is. */
const silenced = (body: Readable, isSilent: () => boolean): Readable => {
  const gate = new Transform({
    transform: (piece, _encoding, done) => (isSilent() ? done() : done(null, piece)),
    flush: (done) => void (isSilent() || done()),
  })
  return pipeline(body, gate, () => {})
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
      // Before there is a Deployment, whose changes the bookmarks would skip.
      await until('the fourth watch', () => asked.length === 4)
      await trial.tell()
      const figures = await ended(trial, start, { deadline: 60_000 })
      assert.deepEqual(asked.slice(1, 4), told)
      assert.equal(lists, 1)
      return figures
    }),
}
