import { setTimeout as pause } from 'node:timers/promises'
import { exactly, type Scenario, story } from '../scenario.ts'

export const freeze: Scenario = {
  fault: 'SIGSTOP for longer than session and transaction timeout, then SIGCONT',
  expected: `${exactly}; the one that comes back writes nothing under its old lease`,
  on: 'broker',
  run: (given) =>
    story(given, { replicas: 2, window: { size: 1_000, slide: 1_000 } }, async (trial) => {
      const seconds = given.long ? 30 : 12
      // Twice, so that the merger's place is hit whoever has it.
      for (const pod of trial.pods.slice()) {
        pod.freeze()
        await pause(seconds * 1_000)
        await trial.windows(1)
        pod.thaw()
        await trial.windows(2)
      }
      return `each of 2 processors frozen for ${seconds} s`
    }),
}

export const freezeInTransaction: Scenario = {
  fault: 'SIGSTOP in an open transaction, then SIGCONT after another has the lease',
  expected: exactly,
  on: 'broker',
  run: (given) =>
    story(given, { replicas: 2, window: { size: 1_000, slide: 1_000 } }, async (trial) => {
      for (const pod of trial.pods.slice()) {
        const { release } = await given.stage.proxy.reached({
          pid: pod.pid,
          step: 'EndTxn',
          when: 'before',
          nth: 2,
        })
        pod.freeze()
        await pause(12_000)
        await trial.windows(1)
        // Now the old EndTxn arrives, and then what its sender does next.
        release()
        pod.thaw()
        await trial.windows(2)
      }
      return 'each of 2 processors frozen before its EndTxn, which then arrived'
    }),
}
