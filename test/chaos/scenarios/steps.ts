import type { Step } from '../proxy.ts'
import { exactly, type Given, type Scenario, story } from '../scenario.ts'

/** Where one processor is killed, by the requests of its transactions. */
interface Point {
  step: Step
  when: 'before' | 'after'
  nth: number
}

const steps: readonly Step[] = [
  'AddPartitionsToTxn',
  'Produce',
  'AddOffsetsToTxn',
  'TxnOffsetCommit',
  'EndTxn',
]

const sides = ['before', 'after'] as const

/** The lease is taken once by each task and by the merger. */
const points = (nths: readonly number[]): Point[] => [
  ...sides.map((when) => ({ step: 'InitProducerId' as const, when, nth: 2 })),
  ...steps.flatMap((step) => nths.flatMap((nth) => sides.map((when) => ({ step, when, nth })))),
]

/** One pipeline whose only processor dies at the point; another takes its place. */
const dieAt = (given: Given, { step, when, nth }: Point): Promise<string> =>
  story(
    { ...given, name: `${given.name}-${step.toLowerCase()}-${when}-${nth}` },
    { replicas: 1, partitions: 3, rate: 150, window: { size: 1_000, slide: 1_000 } },
    async (trial) => {
      const [first] = trial.pods
      if (first === undefined) throw new Error('no processor has begun')
      const leasing = step === 'InitProducerId'
      // A lease is taken at the start only, so that the one to die is the next.
      const [pod = first] = leasing ? await trial.add() : trial.pods
      const reached = given.stage.proxy.reached({ pid: pod.pid, step, when, nth })
      if (leasing) await trial.stop(first)
      await reached
      await trial.kill(pod)
      await trial.add()
      await trial.windows(1)
      return `${step} ${when}`
    },
  )

export const killAtEachStep: Scenario = {
  fault: 'kill -9 at each step of the transaction, before and after it is done',
  expected: exactly,
  on: 'broker',
  async run(given) {
    const wanted = points(given.long ? [1, 2, 7, 20] : [3])
    let killed = 0
    // Each has a pipeline of its own, so that they need not wait for each other's sessions to end.
    for (let from = 0; from < wanted.length; from += 6) {
      const batch = wanted.slice(from, from + 6)
      const outcomes = await Promise.allSettled(batch.map((point) => dieAt(given, point)))
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
      killed += batch.length
    }
    return `${killed} kills at ${steps.join(', ')} and InitProducerId, each pipeline exact`
  },
}
