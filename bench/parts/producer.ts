import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { say, step } from '../../dev/progress.ts'
import { until } from '../../dev/until.ts'
import { topicNames } from '../../runtime/names.ts'
import { eventText } from '../../runtime/traffic/encode.ts'
import { events } from '../events.ts'
import { partitions } from '../load.ts'
import { javaPeer } from '../peers/build.ts'
import { bundle, pipeline, sharedEnvironment } from '../pod.ts'
import { startMeasured, stepAside } from '../process.ts'
import { atLeast, type Report } from '../report.ts'
import { openStage, type Stage } from '../stage.ts'
import { figure, median, spread } from '../statistics.ts'
import { recordsOf } from '../watch.ts'
import type { Scale } from './part.ts'

/** Seconds until a producer is warm, and then those of the measurement. */
const [warmUp, seconds] = [8, 10]

interface Contestant {
  name: 'ours' | 'kafkajs' | 'java'
  label: string
  argv: readonly string[]
  env: Record<string, string>
}

interface Produced {
  /** Events acknowledged per CPU-second, and per second of the wall. */
  perCpu: number
  perSecond: number
  /** MB. */
  peak: number
}

const contestants = async ({ brokers, directory }: Stage): Promise<Contestant[]> => {
  const file = join(directory, 'events.tsv')
  const lines = [...events({ count: 100_000, rate: 50_000, start: Date.UTC(2026, 0, 31) })].map(
    ({ event }) => `${event.user_id}\t${eventText(event)}\n`,
  )
  writeFileSync(file, lines.join(''))
  const env = { BROKERS: brokers, TOPIC: topicNames(pipeline).events, EVENTS_FILE: file }
  return [
    {
      name: 'ours',
      label: 'this producer, at 50,000 events/s',
      argv: [process.execPath, bundle, 'producer'],
      env: { ...sharedEnvironment(brokers), RATE: '50000', USERS: '10000' },
    },
    {
      name: 'kafkajs',
      label: 'kafkajs, 1,000 per send, idempotent, as fast as it can',
      argv: [process.execPath, join(import.meta.dirname, '..', 'peers', 'kafkajs-producer.ts')],
      env,
    },
    {
      name: 'java',
      label: "Java's producer, values at hand, as fast as it can",
      argv: await javaPeer('streams', 'ProducerPeer'),
      env,
    },
  ]
}

const produce = async (stage: Stage, { name, argv, env }: Contestant): Promise<Produced> => {
  const topic = topicNames(pipeline).events
  await stage.topics({ [topic]: partitions })
  const records = await recordsOf(stage.brokers, topic)
  const measured = await startMeasured({ argv, env, log: join(stage.directory, `${name}.log`) })
  measured.stdout.resume()
  const look = async () => ({
    at: performance.now(),
    count: await records.count(),
    cpu: measured.usage().cpu,
  })
  try {
    await Promise.race([until('the first events', async () => (await records.count()) > 0), measured.broken])
    await pause(warmUp * 1_000)
    const before = await look()
    await pause(seconds * 1_000)
    const after = await look()
    const count = after.count - before.count
    return {
      perCpu: count / (after.cpu - before.cpu),
      perSecond: count / ((after.at - before.at) / 1_000),
      peak: measured.usage().peak,
    }
  } finally {
    await measured.stop('SIGKILL')
    await records.close()
  }
}

export const usual: Scale = { events: 0, rounds: 3 }

export const run = async ({ rounds }: Scale): Promise<Report> => {
  const stage = await openStage()
  try {
    const all = await contestants(stage)
    await stepAside()
    const runs = new Map(all.map((contestant): [Contestant, Produced[]] => [contestant, []]))
    for (let round = 0; round < rounds; round += 1)
      for (const contestant of all) {
        const produced = await step(`round ${round + 1}: ${contestant.label}`, () =>
          produce(stage, contestant),
        )
        say(`      ${figure(produced.perCpu)} events per CPU-second`)
        runs.get(contestant)?.push(produced)
      }
    return report(runs)
  } finally {
    await stage.close()
  }
}

const report = (runs: ReadonlyMap<Contestant, readonly Produced[]>): Report => {
  const rates = (name: string) =>
    [...runs].find(([given]) => given.name === name)?.[1].map(({ perCpu }) => perCpu) ?? []
  const times = (name: string) => rates('ours').map((our, round) => our / (rates(name)[round] ?? NaN))
  const against = (name: string) => ({ value: median(times(name)), range: spread(times(name)) })
  const what = 'producer, events per CPU-second, against'
  const bounds = { required: 2.5, aim: Infinity, unit: ' ×' }
  const required = atLeast(`${what} kafkajs with 1,000 per send`, bounds, against('kafkajs'))
  const java = against('java')
  const measured = `${required.measured}; against Java's ${figure(java.value)} × (${java.range})`
  const verdict = required.verdict === 'required' && java.value >= 1 ? 'aim' : required.verdict
  return {
    part: 'producer',
    title: 'Producer: events per second of processor time, idempotent, acks=all',
    about: [
      `Each on one core, the broker on the other, ${partitions} partitions; ${seconds} s after ${warmUp} s of warm-up; medians of ${rates('ours').length} rounds in turns.`,
      'This producer and the one with kafkajs make the same simulated visitors; Java sends lines of a file.',
    ],
    findings: [{ ...required, aim: "Java's producer in the same run", measured, verdict }],
    table: [
      ['', 'thousand events per CPU-second', 'least–most', 'thousand events/s, wall', 'peak RSS, MB'],
      ...[...runs].map(([{ name, label }, all]) => [
        label,
        figure(median(rates(name)) / 1_000),
        spread(rates(name), 1 / 1_000),
        figure(median(all.map(({ perSecond }) => perSecond)) / 1_000),
        figure(median(all.map(({ peak }) => peak))),
      ]),
    ],
    runs: Object.fromEntries([...runs].map(([{ name }, all]) => [name, all])),
  }
}
