import { step } from '../../dev/progress.ts'
import { until } from '../../dev/until.ts'
import { topicNames } from '../../runtime/names.ts'
import { partitions } from '../load.ts'
import { pipeline, startPod } from '../pod.ts'
import { atMost, type Report } from '../report.ts'
import { openStage, type Stage } from '../stage.ts'
import { figure, slope } from '../statistics.ts'
import { recordsOf, watched } from '../watch.ts'
import type { Scale } from './part.ts'

const rates = [1, 10, 1_000, 10_000, 50_000]
const seconds = 10

interface Kept {
  wanted: number
  measured: number
  /** Share by which it is off. */
  off: number
}

/** Lets a producer send at a rate, and measures it in the log itself. */
const keep = async (stage: Stage, wanted: number): Promise<Kept> => {
  const { events } = topicNames(pipeline)
  await stage.topics({ [events]: partitions })
  const producer = await startPod(stage, { role: 'producer', env: { RATE: String(wanted), USERS: '10000' } })
  const records = await recordsOf(stage.brokers, events)
  try {
    // Two seconds of events: the start is over then.
    await until('the first events', async () => (await records.count()) >= 2 * wanted)
    const measured = slope(await watched(records.count, { seconds: seconds + 0.5, every: 5 }))
    return { wanted, measured, off: Math.abs(measured - wanted) / wanted }
  } finally {
    await records.close()
    await producer.stop()
  }
}

const percent = (share: number): string => `${figure(share * 100)} %`

export const usual: Scale = { events: 0, rounds: 1 }

export const run = async ({ rounds }: Scale): Promise<Report> => {
  const stage = await openStage()
  try {
    const runs: Kept[] = []
    for (let round = 0; round < rounds; round += 1)
      for (const rate of rates)
        runs.push(await step(`${rate} events/s for ${seconds} s`, () => keep(stage, rate)))
    const worst = Math.max(...runs.map(({ off }) => off))
    return {
      part: 'rate',
      title: 'Rate: what the producer is told, and what the log got',
      about: [
        `The producer role at each rate for ${seconds} s; the rate is the slope of the line through the ends of the log each time they had grown.`,
      ],
      findings: [
        atMost(
          `rate accuracy, 1 to 50,000 events/s over ${seconds} s`,
          { required: 1, aim: 0.2, unit: ' %' },
          { value: worst * 100 },
        ),
      ],
      table: [
        ['wanted, events/s', 'measured', 'off by'],
        ...runs.map(({ wanted, measured, off }) => [
          wanted.toLocaleString('en-US'),
          measured.toLocaleString('en-US', { maximumFractionDigits: 3 }),
          percent(off),
        ]),
      ],
      runs,
    }
  } finally {
    await stage.close()
  }
}
