import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { blocking } from '../live/audit.ts'
import { granted } from '../live/granted.ts'
import { publish } from '../resilience.ts'
import type { Scenario } from './scenario.ts'
import { conflicts, flaky, gone, lost, slow, tooMany, truncated } from './scenarios/answers.ts'
import { hands, poison } from './scenarios/children.ts'
import { bookmarks, halfOpen, resets, silent } from './scenarios/connections.ts'
import { leaderKilled, leaderStopped, leaseSlow, leaseStolen } from './scenarios/leader.ts'
import { crashes, crashesDraining, crashesKeeping } from './scenarios/crash.ts'
import { crashesLeading } from './scenarios/crash-lease.ts'
import { etcdRestarted, kindAbsent, serverDown, versionSwitch } from './scenarios/plane.ts'
import { quota, tokenRotated, verbRevoked } from './scenarios/rights.ts'
import { autoscaled } from './scenarios/scale.ts'
import { staleList, topicOperatorAbsent } from './scenarios/views.ts'
import { transitions } from './scenarios/transitions.ts'
import { Stage } from './stage.ts'

/** FAULTS=all runs the long form, which writes docs/resilience.md; else a short form runs. */
const long = process.env['FAULTS'] === 'all'

/** What takes long comes first. */
const scenarios: readonly Scenario[] = [
  halfOpen,
  silent,
  tokenRotated,
  leaderStopped,
  leaderKilled,
  leaseStolen,
  leaseSlow,
  serverDown,
  etcdRestarted,
  kindAbsent,
  versionSwitch,
  crashesDraining,
  crashes,
  crashesKeeping,
  crashesLeading,
  transitions,
  poison,
  hands,
  autoscaled,
  conflicts,
  gone,
  tooMany,
  flaky,
  slow,
  resets,
  lost,
  truncated,
  bookmarks,
  staleList,
  verbRevoked,
  quota,
  topicOperatorAbsent,
]

const isAlone = ({ alone }: Scenario): boolean => alone === 'always' || (alone === 'long' && long)

const kept = join(import.meta.dirname, 'results.json')
let stage: Stage

const run = (scenario: Scenario, index: number): void => {
  if (scenario.longOnly && !long) return
  void test(scenario.fault, async (t) => {
    const report = (figures: string) =>
      long && publish({ target: 'faults', kept, rows: scenarios }, scenario.fault, figures)
    try {
      const figures = await scenario.run({ stage, long, namespace: `fault-${index}` })
      t.diagnostic(figures)
      report(figures)
    } catch (error) {
      report(`FAILED: ${error instanceof Error ? error.message : String(error)}`)
      throw error
    }
  })
}

describe('the operator is never deaf', { concurrency: 1 }, () => {
  before(async () => {
    stage = await Stage.open()
  })
  after(() => stage.close())
  describe('in namespaces of their own', { concurrency: 4 }, () => {
    for (const [index, scenario] of scenarios.entries()) if (!isAlone(scenario)) run(scenario, index)
  })
  describe('one after the other', { concurrency: 1 }, () => {
    for (const [index, scenario] of scenarios.entries()) if (isAlone(scenario)) run(scenario, index)
  })
  test('all of it together used every right that the roles give, in one namespace or in all, and no other', () => {
    const used = [...stage.rights(), blocking].sort()
    assert.deepEqual(used, granted('config/default/role.yaml'))
    assert.deepEqual(used, granted('config/cluster-scope/role.yaml'))
  })
})
