import { untilReady } from '../pod.ts'
import { exactly, type Scenario, story } from '../scenario.ts'
import type { Trial } from '../trial.ts'

export const changeWindow: Scenario = {
  fault: 'window changed under load: 10 s, 1 s, 30 s, hopping 30 s by 10 s',
  expected: `${exactly}; the first window of a new size is cut where the last of the old one ended`,
  on: 'broker',
  run: (given) => {
    // The short form has a tenth of each size, which must be whole seconds.
    const [first, second, third, hop] = given.long ? [10, 1, 30, 10] : [2, 1, 3, 1]
    const size = { size: third * 1_000 }
    return story(
      given,
      { replicas: 2, window: { size: first * 1_000, slide: first * 1_000 } },
      async (trial) => {
        for (const window of [
          { size: second * 1_000, slide: second * 1_000 },
          { ...size, slide: third * 1_000 },
          { ...size, slide: hop * 1_000 },
        ]) {
          await trial.roll(window)
          await untilGeneration(trial)
          await trial.windows(2)
        }
        const clipped = trial.results.filter((result) => result.clipped).length
        return `${first} s, ${second} s, ${third} s, ${third} s by ${hop} s; ${clipped} windows cut`
      },
    )
  },
}

/** Waits for the first window of the newest generation. */
const untilGeneration = async (trial: Trial): Promise<void> => {
  while (trial.results.at(-1)?.generation !== trial.generation) await trial.windows(1)
}

export const rollingUpdate: Scenario = {
  fault: 'rolling update, 3 replicas',
  expected: exactly,
  on: 'broker',
  run: (given) =>
    story(given, { replicas: 3, window: { size: 2_000, slide: 2_000 } }, async (trial) => {
      const rolls = given.long ? 3 : 1
      for (let left = rolls; left > 0; left -= 1) {
        await trial.roll()
        await untilGeneration(trial)
      }
      return `every pod replaced ${rolls} times`
    }),
}

export const scale: Scenario = {
  fault: 'scaled from 1 to 6, to 2, to 4',
  expected: exactly,
  on: 'broker',
  run: (given) =>
    story(given, { replicas: 1, window: { size: 2_000, slide: 2_000 } }, async (trial) => {
      for (const replicas of [6, 2, 4]) {
        const added = await trial.add(Math.max(0, replicas - trial.pods.length))
        await Promise.all(added.map(untilReady))
        await Promise.all(trial.pods.slice(replicas).map((pod) => trial.stop(pod)))
        await trial.windows(given.long ? 5 : 1)
      }
      return '1, 6, 2, 4 replicas'
    }),
}
