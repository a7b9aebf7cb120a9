import { setTimeout as pause } from 'node:timers/promises'
import { step } from '../../dev/progress.ts'
import { type Role, roles } from '../../runtime/settings.ts'
import { partitions } from '../load.ts'
import { pipeline, type Pod, startPod, windowEnvironment } from '../pod.ts'
import { atMost, type Report } from '../report.ts'
import { openStage, pipelineTopics } from '../stage.ts'
import { figure } from '../statistics.ts'
import type { Scale } from './part.ts'

const second = 1_000
const settled = 20
const seconds = 60

const environments: Record<Role, Record<string, string>> = {
  producer: { RATE: '10', USERS: '100' },
  processor: windowEnvironment({ size: 300_000, grace: 10_000 }),
  consumer: {},
}

interface Idled {
  role: string
  /** Share of one core. */
  cpu: number
  /** MB. */
  resident: number
  peak: number
}

const idled = async ([role, pod]: [string, Pod]): Promise<Idled> => {
  const before = pod.usage().cpu
  const from = performance.now()
  await pause(seconds * second)
  const { cpu, resident, peak } = pod.usage()
  return { role, cpu: (cpu - before) / ((performance.now() - from) / second), resident, peak }
}

export const usual: Scale = { events: 0, rounds: 1 }

export const run = async (): Promise<Report> => {
  const stage = await openStage()
  try {
    await stage.topics(pipelineTopics(pipeline, partitions))
    const pods: [string, Pod][] = []
    for (const role of roles) pods.push([role, await startPod(stage, { role, env: environments[role] })])
    await Promise.all(pods.map(([, pod]) => pod.ready()))
    await step(`${settled} s to settle`, () => pause(settled * second))
    const runs = await step(`a pipeline at 10 events/s for ${seconds} s`, () => Promise.all(pods.map(idled)))
    await Promise.all(pods.map(([, pod]) => pod.stop()))
    const most = (of: (idled: Idled) => number) => ({ value: Math.max(...runs.map(of)) })
    return {
      part: 'idle',
      title: 'Idle: what a pipeline costs that has next to nothing to do',
      about: [
        `The three roles of one pipeline with 10 events/s in ${partitions} partitions and windows of 5 m, for ${seconds} s after ${settled} s.`,
      ],
      findings: [
        atMost(
          'idle pod, share of one core',
          { required: 2, aim: 1, unit: ' %' },
          most(({ cpu }) => cpu * 100),
        ),
        atMost(
          'idle pod, RSS',
          { required: 90, aim: 60, unit: ' MB' },
          most(({ resident }) => resident),
        ),
      ],
      table: [
        ['', 'share of one core', 'RSS, MB', 'peak RSS, MB'],
        ...runs.map(({ role, cpu, resident, peak }) => [
          role,
          `${figure(cpu * 100)} %`,
          figure(resident),
          figure(peak),
        ]),
      ],
      runs,
    }
  } finally {
    await stage.close()
  }
}
