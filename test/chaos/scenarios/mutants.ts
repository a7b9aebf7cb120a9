import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import {
  commitBeforeProduce,
  countsRolledBack,
  droppedEvent,
  mutant,
  type Mutation,
  shiftedBoundary,
  silentWhileOpen,
  withoutFence,
  withoutGrace,
} from '../mutant.ts'
import type { Given, Scenario } from '../scenario.ts'
import { writeInTransactions } from './foreign.ts'
import { openTrial, type Trial } from '../trial.ts'

/** What brings the missing promise to light. */
const trials: { mutation: Mutation; harm: (trial: Trial) => Promise<void> }[] = [
  {
    mutation: withoutFence,
    async harm(trial) {
      const pids = trial.pods.slice(0, 1).map(({ pid }) => pid)
      const { proxy } = trial.options.stage
      proxy.gag(pids)
      await pause(15_000)
      proxy.speak(pids)
      await pause(5_000)
    },
  },
  {
    mutation: commitBeforeProduce,
    async harm(trial) {
      const old = trial.pods.slice()
      const [pod] = await trial.add()
      assert.ok(pod)
      const { proxy } = trial.options.stage
      const reached = proxy.reached({ pid: pod.pid, step: 'EndTxn', when: 'after', nth: 1 })
      for (const each of old) await trial.stop(each)
      await reached
      await trial.kill(pod)
      await trial.add()
      await trial.windows(1)
    },
  },
  { mutation: shiftedBoundary, harm: async (trial) => void (await trial.windows(5)) },
  { mutation: withoutGrace, harm: async (trial) => void (await trial.windows(5)) },
  { mutation: countsRolledBack, harm: (trial) => writeInTransactions(trial, 6) },
  { mutation: silentWhileOpen, harm: (trial) => writeInTransactions(trial, 1) },
  { mutation: droppedEvent, harm: async (trial) => void (await trial.windows(10)) },
]

const caught = async (
  { stage, name }: Given,
  { mutation, harm }: (typeof trials)[number],
): Promise<string> => {
  const { code, remove } = mutant(mutation)
  const window = { size: 1_000, slide: 1_000 }
  const trial = await openTrial({ stage, name, rate: 1_000, replicas: 2, partitions: 3, window, code })
  try {
    await harm(trial)
    const faults = new Set((await trial.judge(20_000)).map(({ fault }) => fault))
    assert.ok(faults.size > 0, `nobody noticed ${mutation.name}`)
    return `${mutation.name}: ${[...faults].join(', ')}`
  } finally {
    await trial.end()
    remove()
  }
}

export const mutants: Scenario = {
  fault: 'the engine itself made wrong in seven ways',
  expected: 'the judge catches each',
  on: 'broker',
  longOnly: true,
  async run(given) {
    const told: string[] = []
    for (const [index, each] of trials.entries())
      told.push(await caught({ ...given, name: `${given.name}-m${index}` }, each))
    return told.join('; ')
  },
}
