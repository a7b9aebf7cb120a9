import { exactly, type Scenario, story } from '../scenario.ts'

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
