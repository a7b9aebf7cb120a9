import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { until } from '../../../dev/until.ts'
import { grace, idleTimeout } from '../pipeline.ts'
import { exactly, type Scenario, story } from '../scenario.ts'
import type { Trial } from '../trial.ts'

const window = { size: 1_000, slide: 1_000 }
const partitions = 3
/** Windows without events published one after another when more of them are due at once. */
const mostEmpty = 100

/** How long after their ends windows come while one partition is silent, in milliseconds; the longest. */
const besideSilence = async (trial: Trial, count: number): Promise<number> => {
  trial.load.silence([1])
  await trial.windows(Math.ceil((grace + idleTimeout) / window.slide) + 1)
  const from = trial.results.length
  await trial.windows(count)
  return Math.max(...trial.results.slice(from).map(({ at, end }) => at - end))
}

/** Lets all partitions be silent until so many windows without events were published. */
const allSilent = async (trial: Trial, zeros: number): Promise<void> => {
  trial.load.silence([0, 1, 2])
  const empty = (): boolean => trial.results.slice(-zeros).every(({ total }) => total === 0)
  await until(`${zeros} windows without events`, empty, { deadline: 90_000 })
}

/** Lets more windows end than are published without events, while no processor is there. */
const longSilence = async (trial: Trial): Promise<number> => {
  for (const pod of trial.pods.slice()) await trial.stop(pod)
  const from = trial.results.length
  await pause((mostEmpty + 30) * window.slide)
  trial.load.silence([])
  await trial.add()
  await until('the next window with events', () => trial.results.slice(from).some(({ total }) => total > 0), {
    deadline: 60_000,
  })
  return trial.results.slice(from).findIndex(({ total }) => total > 0)
}

export const silence: Scenario = {
  fault: 'one partition falls silent, then all, then events come again',
  expected: `${exactly}; a silent partition holds windows for the idle timeout of ${idleTimeout / 1_000} s and no longer (3 s for the rest of the way); windows without events are zeros, at most ${mostEmpty} of them at once`,
  on: 'broker',
  run: (given) =>
    story(given, { replicas: 2, partitions, window }, async (trial) => {
      const longest = await besideSilence(trial, given.long ? 60 : 3)
      const late = longest - grace - idleTimeout
      if (given.long) assert.ok(late < 3_000, `a window came ${late} ms after grace and idle timeout`)
      await allSilent(trial, given.long ? 10 : 3)
      const zeros = given.long ? await longSilence(trial) : 0
      assert.ok(zeros <= mostEmpty, `${zeros} windows without events at once`)
      trial.load.silence([])
      await trial.windows(5)
      const shown = given.long ? `, then ${zeros} zeros at once` : ''
      return `beside a silent partition windows come at most ${longest - grace} ms after end and grace${shown}`
    }),
}
