import { topicNames } from '../../runtime/names.ts'
import { say, step } from '../../dev/progress.ts'
import { type Contestant, contestants } from '../contestants.ts'
import { drain, type Drained } from '../drain.ts'
import { load, type Loaded, partitions, window } from '../load.ts'
import { pipeline } from '../pod.ts'
import { stepAside } from '../process.ts'
import { atLeast, type Finding, type Report, type Table } from '../report.ts'
import { openStage, pipelineTopics, type Stage } from '../stage.ts'
import { figure, median, spread } from '../statistics.ts'
import type { Scale } from './part.ts'

/** Events in each second of event time. */
const rate = 5_000
/** With fewer events a run is mostly start-up. */
export const usual: Scale = { events: 5_000_000, rounds: 3 }

type Runs = Map<Contestant, Drained[]>

/** One run; throws what is wrong with its windows. */
const judged = async (
  stage: Stage,
  contestant: Contestant,
  { title, ...given }: { title: string; loaded: Loaded; run: number },
): Promise<Drained> => {
  const drained = await step(title, () => drain(stage, contestant, given))
  if (drained.problems.length > 0)
    throw new Error(`${contestant.label} is wrong:\n${drained.problems.slice(0, 20).join('\n')}`)
  return drained
}

/** Every contestant in each round, another one first each time: the machine drifts, and the ratios must not. */
const interleaved = async (
  stage: Stage,
  { all, loaded, rounds }: { all: readonly Contestant[]; loaded: Loaded; rounds: number },
): Promise<Runs> => {
  const runs: Runs = new Map(all.map((contestant) => [contestant, []]))
  for (let round = 0; round < rounds; round += 1)
    for (let turn = 0; turn < all.length; turn += 1) {
      const contestant = all[(round + turn) % all.length]
      if (contestant === undefined) continue
      const title = `round ${round + 1}: ${contestant.label}`
      // The broker's compiler adapts to whom it serves: to another client it answers slowly and in pieces at first.
      await judged(stage, contestant, { loaded, run: rounds + round, title: `${title}, to warm the broker` })
      const drained = await judged(stage, contestant, { loaded, run: round, title })
      say(`      ${figure(loaded.records / drained.cpu)} events per CPU-second`)
      runs.get(contestant)?.push(drained)
    }
  return runs
}

const tableOf = (runs: Runs, records: number): Table => [
  [
    '',
    'thousand events per CPU-second',
    'least–most',
    'thousand events/s, wall',
    'peak RSS, MB',
    'CPU-s of the broker',
  ],
  ...[...runs].map(([{ label }, all]) => [
    label,
    figure(median(all.map(({ cpu }) => records / cpu / 1_000))),
    spread(all.map(({ cpu }) => records / cpu / 1_000)),
    figure(median(all.map(({ wall }) => records / wall / 1_000))),
    figure(median(all.map(({ peak }) => peak))),
    figure(median(all.map(({ broker }) => broker))),
  ]),
]

const asked = {
  kafkajs: { required: 5, aim: 8 },
  go: { required: 1.5, aim: 2.5 },
  streams: { required: 8, aim: 12 },
  flink: { required: 8, aim: 12 },
}

/** How many times as much we do per CPU-second, in each round. */
const findingsOf = (runs: Runs): Finding[] => {
  const our = [...runs].find(([{ name }]) => name === 'ours')?.[1] ?? []
  return [...runs].flatMap(([{ name, label }, theirs]) => {
    if (name === 'ours') return []
    const ratios = theirs.map(({ cpu }, round) => cpu / (our[round]?.cpu ?? NaN))
    const given = { value: median(ratios), range: spread(ratios) }
    return [atLeast(`drain, events per CPU-second, against ${label}`, { ...asked[name], unit: ' ×' }, given)]
  })
}

export const run = async ({ events, rounds }: Scale): Promise<Report> => {
  const stage = await openStage()
  try {
    await stage.topics(pipelineTopics(pipeline, partitions))
    const { events: topic } = topicNames(pipeline)
    const loaded = await step(`loading ${events} events`, () =>
      load(stage.brokers, topic, { count: events, rate }),
    )
    await stepAside()
    const runs = await interleaved(stage, { all: await contestants(stage), loaded, rounds })
    const size = Math.round(loaded.bytes / events)
    return {
      part: 'drain',
      title: 'Drain: events per second of processor time, on one core',
      about: [
        `${figure(events)} events of ${size} bytes in ${partitions} partitions, 2 % out of order, ${rate} per second of event time; windows of ${window.size / 1_000} s with exact uniques.`,
        `Everyone runs on one core, the broker on the other; ${rounds} rounds in turns, each run right after one of the same that only warms the broker; medians; ratios are taken round by round.`,
        'A run is a whole process, its start included, until its last window is out, and every window of every run was compared with a recount.',
        'Go counts uniques by 64-bit hashes, as this processor does; the others hold strings.',
        'Flink is used as its documentation has it, in one process: its state in the heap, and every second in a checkpoint; what restores it after a crash of that process is not part of it.',
        'Kafka Streams is written by hand for speed, without its windows and stores: with a store and its changelog, which a crash does not lose, it is slower.',
      ],
      findings: findingsOf(runs),
      table: tableOf(runs, loaded.records),
      runs: Object.fromEntries([...runs].map(([{ name }, all]) => [name, all])),
    }
  } finally {
    await stage.close()
  }
}
