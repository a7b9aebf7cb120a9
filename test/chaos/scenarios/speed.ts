import assert from 'node:assert/strict'
import { until } from '../../../dev/until.ts'
import { grace } from '../pipeline.ts'
import { untilReady } from '../pod.ts'
import { anyOf, type Scenario, sometime, story } from '../scenario.ts'

/** Milliseconds without a heartbeat after which a group goes on without a member. */
const session = 10_000
/** Windows at the beginning wait for processors to start. */
const warmUp = 15

const window = { size: 1_000, slide: 1_000 }

const atShare = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0

/** Their spread in a sentence. Throws when the 99th percentile is over the bound. */
const spread = (numbers: readonly number[], bound: number): string => {
  const sorted = [...numbers].sort((a, b) => a - b)
  const p99 = atShare(sorted, 0.99)
  const told = `median ${atShare(sorted, 0.5)} ms, p99 ${p99} ms, most ${sorted.at(-1)} ms`
  assert.ok(p99 <= bound, `${told}: more than ${bound} ms`)
  return told
}
/** Milliseconds. */
const [soon, takenOver] = [300, 3_000]

export const takeOver: Scenario = {
  fault: 'take-over after kill -9, 3 replicas: the next window, after the session timeout of 10 s',
  expected: `within ${takenOver} ms, and every window exact`,
  on: 'broker',
  longOnly: true,
  run: (given) =>
    story(given, { replicas: 3, window, way: 'direct' }, async (trial) => {
      const times: number[] = []
      for (let left = 6; left > 0; left -= 1) {
        await sometime(2_000)
        const pod = anyOf(trial.pods)
        const killed = Date.now()
        await trial.kill(pod)
        // What was closed by all partitions before is published at once and is no sign of the successor.
        const next = await until(
          'the next window',
          () => trial.results.find(({ at }) => at > killed + session / 2)?.at,
          { deadline: 60_000, every: 20 },
        )
        times.push(Math.max(0, next - killed - session))
        const added = await trial.add()
        await Promise.all(added.map(untilReady))
        await trial.windows(3)
      }
      return `${times.length} times: ${spread(times, takenOver)}`
    }),
}

export const freshness: Scenario = {
  fault: 'no fault, 5,000 events/s: a window can be read after its end and grace',
  expected: `p99 within ${soon} ms, and every window exact`,
  on: 'broker',
  longOnly: true,
  run: (given) =>
    story(given, { replicas: 2, window, way: 'direct' }, async (trial) => {
      await trial.windows(warmUp)
      const from = trial.results.length
      await trial.windows(120, 180_000)
      const times = trial.results.slice(from).map(({ at, end }) => at - end - grace)
      return spread(times, soon)
    }),
}
