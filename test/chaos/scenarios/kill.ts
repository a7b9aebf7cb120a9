import { anyOf, exactly, type Scenario, sometime, story } from '../scenario.ts'

export const killAnyone: Scenario = {
  fault: 'kill -9 of a processor at random, 3 replicas',
  expected: exactly,
  on: 'broker',
  run: (given) =>
    story(given, { replicas: 3, window: { size: 2_000, slide: 2_000 } }, async (trial) => {
      const kills = given.long ? 50 : 5
      for (let left = kills; left > 0; left -= 1) {
        await sometime(given.long ? 10_000 : 5_000)
        await trial.kill(anyOf(trial.pods))
        await trial.add()
      }
      await trial.windows(1)
      return `${kills} kills`
    }),
}
