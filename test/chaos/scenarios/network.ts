import { setTimeout as pause } from 'node:timers/promises'
import { until } from '../../../dev/until.ts'
import { exactly, type Given, type Scenario, sometime, story } from '../scenario.ts'
import type { Trial } from '../trial.ts'

const pids = (trial: Trial): number[] => trial.pods.map(({ pid }) => pid)

const underLoad = (given: Given, tell: (trial: Trial) => Promise<string>): Promise<string> =>
  story(given, { replicas: 2, window: { size: 1_000, slide: 1_000 } }, tell)

export const reset: Scenario = {
  fault: 'connections to the broker reset',
  expected: exactly,
  on: 'broker',
  run: (given) =>
    underLoad(given, async (trial) => {
      const times = given.long ? 60 : 15
      for (let left = times; left > 0; left -= 1) {
        await sometime(2_000)
        given.stage.proxy.reset(pids(trial))
      }
      await trial.windows(2)
      return `${times} times`
    }),
}

export const delay: Scenario = {
  fault: 'connections to the broker delayed by 200 ms each way',
  expected: `${exactly}; windows go on`,
  on: 'broker',
  run: (given) =>
    underLoad(given, async (trial) => {
      given.stage.proxy.delay(pids(trial), 200)
      await trial.windows(given.long ? 30 : 8)
      given.stage.proxy.delay(pids(trial), 0)
      await trial.windows(2)
      return `for ${given.long ? 30 : 8} windows`
    }),
}

export const halfOpen: Scenario = {
  fault: 'connections to the broker half-open: nothing passes, nobody is told',
  expected: `${exactly}; windows go on after the timeout of requests`,
  on: 'broker',
  run: (given) =>
    underLoad(given, async (trial) => {
      const times = given.long ? 6 : 2
      let longest = 0
      for (let left = times; left > 0; left -= 1) {
        given.stage.proxy.blackhole(pids(trial))
        const since = Date.now()
        await pause(500)
        longest = Math.max(longest, (await trial.windows(1)) - since)
        await trial.windows(1)
      }
      return `${times} times, next window after at most ${(longest / 1_000).toFixed(1)} s`
    }),
}

export const cutFromGroup: Scenario = {
  fault: 'a processor cut off from its group, not from its data: two work at the same partitions',
  expected: `${exactly}; the one that lost its lease writes nothing more`,
  on: 'broker',
  run: (given) =>
    underLoad(given, async (trial) => {
      const [pod] = trial.pods
      const before = pod?.lines.length ?? 0
      given.stage.proxy.gag([pod?.pid ?? 0])
      const fenced = (): boolean | undefined =>
        pod?.lines.slice(before).some((line) => line.includes('somebody else does this work'))
      await until('the loss of a lease', fenced, { deadline: 60_000 })
      await trial.windows(given.long ? 30 : 5)
      given.stage.proxy.speak([pod?.pid ?? 0])
      await trial.windows(3)
      return 'leases lost and won while both worked'
    }),
}
