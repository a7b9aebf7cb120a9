import { after, describe, test } from 'node:test'
import { publish } from './report.ts'
import type { Given } from './scenario.ts'
import { changeWindow, rollingUpdate, scale } from './scenarios/change.ts'
import { freeze, freezeInTransaction } from './scenarios/freeze.ts'
import { cutFromGroup, delay, halfOpen, reset } from './scenarios/network.ts'
import { movedWhileRunning, movedWhileStopped } from './scenarios/offsets.ts'
import { badEvents, badEventsThroughput } from './scenarios/malformed.ts'
import { expire } from './scenarios/retention.ts'
import { silence } from './scenarios/silence.ts'
import { rolledBack } from './scenarios/foreign.ts'
import { mutants } from './scenarios/mutants.ts'
import { freshness, takeOver } from './scenarios/speed.ts'
import { killBrokerAtEnd, killBrokers } from './scenarios/brokers.ts'
import { memory } from './scenarios/memory.ts'
import { killAnyone } from './scenarios/kill.ts'
import { killAtEachStep } from './scenarios/steps.ts'
import { openCluster, openStage, type Stage } from './stage.ts'

/** CHAOS=all runs the long form, which writes docs/resilience.md; else a short form runs. */
const long = process.env['CHAOS'] === 'all'

const scenarios = [
  killAnyone,
  killAtEachStep,
  freeze,
  freezeInTransaction,
  scale,
  rollingUpdate,
  changeWindow,
  reset,
  delay,
  halfOpen,
  cutFromGroup,
  movedWhileRunning,
  movedWhileStopped,
  expire,
  silence,
  rolledBack,
  badEvents,
  badEventsThroughput,
  memory,
  killBrokers,
  killBrokerAtEnd,
  mutants,
  takeOver,
  freshness,
]

/** Opened by the first who needs it. */
const stages = new Map<string, Promise<Stage>>()
const stageOf = (on: 'broker' | 'cluster'): Promise<Stage> => {
  const stage = stages.get(on) ?? (on === 'broker' ? openStage() : openCluster())
  stages.set(on, stage)
  return stage
}

describe('whatever fails, every window is exact', { concurrency: long ? 1 : 5 }, () => {
  after(async () => {
    for (const stage of stages.values()) await (await stage).close()
  })
  for (const [index, scenario] of scenarios.entries()) {
    if (scenario.longOnly && !long) continue
    test(scenario.fault, async (t) => {
      const given: Given = { stage: await stageOf(scenario.on), long, name: `c${index}-${process.pid}` }
      try {
        const figures = await scenario.run(given)
        t.diagnostic(figures)
        if (long) publish(scenario, scenarios, figures)
      } catch (error) {
        if (long)
          publish(scenario, scenarios, `FAILED: ${error instanceof Error ? error.message : String(error)}`)
        throw error
      }
    })
  }
})
