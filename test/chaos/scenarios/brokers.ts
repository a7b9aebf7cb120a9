import { anyOf, exactly, type Scenario, story } from '../scenario.ts'

export const killBrokers: Scenario = {
  fault: 'kill -9 of each of three brokers in turn',
  expected: exactly,
  on: 'cluster',
  longOnly: true,
  run: (given) =>
    story(
      given,
      { replicas: 3, replication: 3, rate: 2_000, window: { size: 2_000, slide: 2_000 } },
      async (trial) => {
        for (const broker of given.stage.brokers) {
          await broker.kill()
          await trial.windows(2, 120_000)
          await broker.restart()
          await trial.windows(2, 120_000)
        }
        return 'each was away for at least two windows'
      },
    ),
}

/** How a processor says that a position waits for the marks of a transaction. */
const hangs = 'UNSTABLE_OFFSET_COMMIT'

export const killBrokerAtEnd: Scenario = {
  fault: 'kill -9 of the only broker as it ends a transaction, before and after its answer',
  expected: `${exactly}; processors go on by themselves`,
  on: 'broker',
  longOnly: true,
  run: (given) =>
    story(given, { replicas: 2, rate: 1_000, window: { size: 1_000, slide: 1_000 } }, async (trial) => {
      const { brokers, proxy } = given.stage
      const times = 10
      for (let round = 0; round < times; round += 1) {
        const when = round % 2 === 0 ? 'after' : 'before'
        const { pid } = anyOf(trial.pods)
        const { release } = await proxy.reached({ pid, step: 'EndTxn', when, nth: anyOf([1, 2, 3]) })
        for (const broker of brokers) await broker.kill()
        release()
        for (const broker of brokers) await broker.restart()
        await trial.windows(3, 180_000)
      }
      const unstable = trial.pods.flatMap(({ lines }) => lines.filter((line) => line.includes(hangs)))
      return `${times} times, after which ${unstable.length} positions had to be settled`
    }),
}
