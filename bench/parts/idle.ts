import { setTimeout as pause } from 'node:timers/promises'
import { step } from '../../dev/progress.ts'
import { type Role, roles } from '../../runtime/settings.ts'
import { partitions } from '../load.ts'
import { pipeline, type Pod, startPod, windowEnvironment } from '../pod.ts'
import { atMost, type Report } from '../report.ts'
import { openStage, pipelineTopics } from '../stage.ts'
import { figure, median, spread } from '../statistics.ts'
import type { Scale } from './part.ts'

const second = 1_000
const settled = 20
const seconds = 60

const environments: Record<Role, Record<string, string>> = {
  producer: { RATE: '10', USERS: '100' },
  processor: windowEnvironment({ size: 300_000, grace: 10_000 }),
  consumer: {},
}

/** What a role used in one round. */
interface Idled {
  role: Role
  /** Share of one core. */
  cpu: number
  /** MB. */
  resident: number
  peak: number
}

const idled = async ([role, pod]: [Role, Pod]): Promise<Idled> => {
  const before = pod.usage().cpu
  const from = performance.now()
  await pause(seconds * second)
  const { cpu, resident, peak } = pod.usage()
  return { role, cpu: (cpu - before) / ((performance.now() - from) / second), resident, peak }
}

/** Of one role in all rounds; processor time in % of a core. */
const usage = (runs: readonly Idled[]) => ({
  cpu: runs.map(({ cpu }) => cpu * 100),
  resident: runs.map(({ resident }) => resident),
  peak: runs.map(({ peak }) => peak),
})

export const usual: Scale = { events: 0, rounds: 3 }

export const run = async ({ rounds }: Scale): Promise<Report> => {
  const stage = await openStage()
  try {
    await stage.topics(pipelineTopics(pipeline, partitions))
    const pods: [Role, Pod][] = []
    for (const role of roles) pods.push([role, await startPod(stage, { role, env: environments[role] })])
    await Promise.all(pods.map(([, pod]) => pod.ready()))
    await step(`${settled} s to settle`, () => pause(settled * second))
    const runs: Idled[] = []
    for (let round = 1; round <= rounds; round += 1) {
      const title = `round ${round}: a pipeline at 10 events/s for ${seconds} s`
      runs.push(...(await step(title, () => Promise.all(pods.map(idled)))))
    }
    await Promise.all(pods.map(([, pod]) => pod.stop()))
    const used = roles.map((role) => ({ role, ...usage(runs.filter((one) => one.role === role)) }))
    const most = used.reduce((one, other) => (median(other.cpu) > median(one.cpu) ? other : one))
    return {
      part: 'idle',
      title: 'Idle: what a pipeline costs that has next to nothing to do',
      about: [
        `The three roles of one pipeline with 10 events/s in ${partitions} partitions and windows of 5 m, after ${settled} s, in ${rounds} rounds of ${seconds} s; medians.`,
      ],
      findings: [
        atMost(
          'idle pod, share of one core',
          { required: 2, aim: 1, unit: ' %' },
          { value: median(most.cpu), range: spread(most.cpu) },
        ),
        atMost(
          'idle pod, RSS',
          { required: 90, aim: 60, unit: ' MB' },
          { value: Math.max(...used.map(({ resident }) => median(resident))) },
        ),
      ],
      table: [
        ['', 'share of one core', 'least and most', 'RSS, MB', 'peak RSS, MB'],
        ...used.map(({ role, cpu, resident, peak }) => [
          role,
          `${figure(median(cpu))} %`,
          `${spread(cpu)} %`,
          figure(median(resident)),
          figure(Math.max(...peak)),
        ]),
      ],
      runs,
    }
  } finally {
    await stage.close()
  }
}
