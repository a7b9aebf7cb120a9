import { createQuota, type Quota } from '../../dev/cgroups.ts'
import { say, step } from '../../dev/progress.ts'
import { until } from '../../dev/until.ts'
import { groupNames, topicNames } from '../../runtime/names.ts'
import { load, partitions, window } from '../load.ts'
import { pipeline, type Pod, startPod, windowEnvironment } from '../pod.ts'
import { cores, stepAside } from '../process.ts'
import { atLeast, type Report } from '../report.ts'
import { openStage, outcomeTopics, pipelineTopics, type Stage } from '../stage.ts'
import { figure, median, type Point, slope, spread } from '../statistics.ts'
import type { Scale } from './part.ts'

const { events: topic } = topicNames(pipeline)
const groups = Object.values(groupNames(pipeline))

interface Scaled {
  pods: number
  /** Events per second of the wall, between a tenth and nine tenths of all. */
  perSecond: number
  /** Events per second of processor time of all pods, from their start on. */
  perCpu: number
}

/** What a pod may use of its core, so that on two cores there is enough left for the broker. */
const share = 0.3

/** Lets pods drain the topic, one for each quota. */
const drained = async (
  stage: Stage,
  { quotas, records }: { quotas: readonly Quota[]; records: number },
): Promise<Scaled> => {
  await stage.topics(outcomeTopics(pipeline, partitions))
  const pods: Pod[] = []
  const count = quotas.length
  for (const [n, { within }] of quotas.entries()) {
    const env = windowEnvironment({ ...window, idle: 1_000 })
    const core = n === 0 ? cores.measured : cores.broker
    pods.push(await startPod(stage, { role: 'processor', name: `processor-${n}`, env, core, within }))
  }
  try {
    const points = await Promise.race([progress(stage, records), ...pods.map(({ broken }) => broken)])
    const cpu = pods.reduce((sum, pod) => sum + pod.usage().cpu, 0)
    return { pods: count, perSecond: slope(middle(points, records)), perCpu: records / cpu }
  } finally {
    await Promise.all(pods.map((pod) => pod.stop()))
    await stage.forget(groups)
  }
}

/** Committed events over time, until all are. */
const progress = async ({ witness }: Stage, records: number): Promise<Point[]> => {
  const points: Point[] = []
  const look = async (): Promise<boolean> => {
    const positions = await witness.positions(groupNames(pipeline).processor, topic)
    const count = positions.reduce((sum, { offset }) => sum + Math.max(0, offset), 0)
    points.push({ at: performance.now() / 1_000, count })
    return count >= records
  }
  await until('all events are counted', look, { deadline: 300_000, every: 50 })
  return points
}

/** Without the start and the end, where not all pods have work. */
const middle = (points: readonly Point[], all: number): Point[] =>
  points.filter(({ count }) => count >= all / 10 && count <= (all * 9) / 10)

/** With fewer, what a pod does before it is warm would count for much. */
export const usual: Scale = { events: 6_000_000, rounds: 3 }

export const run = async ({ events, rounds }: Scale): Promise<Report> => {
  const quotas = [0, 1].map((n) => createQuota(`clickstream-bench-${n}`, share))
  const stage = await openStage()
  try {
    await stage.topics(pipelineTopics(pipeline, partitions))
    const { records } = await step(`loading ${events} events`, () =>
      load(stage.brokers, topic, { count: events, rate: 5_000 }),
    )
    await stepAside()
    const runs: Scaled[][] = []
    for (let round = 0; round < rounds; round += 1) {
      const both: Scaled[] = []
      for (const pods of [1, 2]) {
        const scaled = await step(`round ${round + 1}: pods: ${pods}`, () =>
          drained(stage, { quotas: quotas.slice(0, pods), records }),
        )
        say(`      ${figure(scaled.perSecond)} events/s`)
        both.push(scaled)
      }
      runs.push(both)
    }
    return report(runs, events)
  } finally {
    await stage.close()
    for (const quota of quotas) await quota.remove()
  }
}

const report = (runs: readonly (readonly Scaled[])[], events: number): Report => {
  const of = (pods: number) => runs.flat().filter((scaled) => scaled.pods === pods)
  const ratios = runs.map(([one, two]) => (two?.perSecond ?? NaN) / (one?.perSecond ?? NaN))
  return {
    part: 'scale',
    title: 'Scale: two pods on two cores against one',
    about: [
      `${figure(events)} events in ${partitions} partitions; events per second of the wall, by the committed positions, between a tenth and nine tenths of all; ${runs.length} rounds in turns, medians.`,
      `Each pod has a core of its own, of which it may use ${share}, as by limits.cpu: two whole cores for the pods and what the broker needs are more than this machine has. So the broker has what is left, also while there are two pods.`,
    ],
    findings: [
      atLeast(
        `two pods on two cores against one, each with ${share} of its core`,
        { required: 1.7, aim: 1.9, unit: ' ×' },
        { value: median(ratios), range: spread(ratios) },
      ),
    ],
    table: [
      ['pods', 'thousand events/s, wall', 'least–most', 'thousand events per CPU-second, all pods'],
      ...[1, 2].map((pods) => [
        String(pods),
        figure(median(of(pods).map(({ perSecond }) => perSecond)) / 1_000),
        spread(
          of(pods).map(({ perSecond }) => perSecond),
          1 / 1_000,
        ),
        figure(median(of(pods).map(({ perCpu }) => perCpu)) / 1_000),
      ]),
    ],
    runs,
  }
}
