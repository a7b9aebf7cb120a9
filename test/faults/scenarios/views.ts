import assert from 'node:assert/strict'
import { until } from '../../../dev/until.ts'
import { answer, isList, isWatch, watchOf } from '../proxy.ts'
import { ended, same, type Scenario, within } from '../scenario.ts'
import { ready } from '../stage.ts'
import { stands } from '../trial.ts'

export const staleList: Scenario = {
  fault: 'after a 410 a list that is older than what was seen',
  expected: same,
  run: (given) =>
    within(given, async (trial) => {
      let stale: string | undefined
      let served = 0
      trial.proxy.rule = async (call, pass) => {
        if (!call.path.endsWith('/clickstreampipelines')) return pass()
        if (isWatch(call) && stale !== undefined && served === 0) return answer(410, 'Expired')
        if (!isList(call) || stale === undefined || served > 0) return pass()
        served += 1
        return watchOf(stale)
      }
      const start = performance.now()
      await trial.start()
      await trial.create()
      const response = await trial.raw('clickstreampipelines')
      await trial.edit()
      await trial.settled(30_000)
      stale = response
      trial.network.reset()
      await until('the stale list', () => served > 0)
      // What is done for the old spec, and undone by the watch that follows, is not the end.
      const writes = () => Promise.resolve(String(trial.proxy.writes().length))
      await stands(writes, 2_000)
      return ended(trial, start, { deadline: 60_000 })
    }),
}

export const topicOperatorAbsent: Scenario = {
  fault: 'no Topic Operator, until later',
  expected: `nothing is written while it is waited for; ${same}`,
  run: (given) =>
    within(given, async (trial) => {
      const { absent, world } = given.stage
      absent.add(given.namespace)
      const start = performance.now()
      await trial.start()
      await trial.put({ producer: { rate: 10 } })
      await until('the topics', async () => (await trial.list('kafkatopics')).length === 4)
      const writes = () => Promise.resolve(String(trial.proxy.writes().length))
      const before = await stands(writes, 2_000)
      assert.equal(await stands(writes, given.long ? 20_000 : 3_000), before)
      absent.delete(given.namespace)
      for (const topic of await trial.list('kafkatopics')) {
        const path = `/apis/kafka.strimzi.io/v1/namespaces/${given.namespace}/kafkatopics/${topic.metadata.name}/status`
        await world.apply(path, ready('kafka.strimzi.io/v1', topic))
      }
      await trial.tell()
      return ended(trial, start, { deadline: 60_000 })
    }),
}
