import { step } from '../../dev/progress.ts'
import { type Counts, total } from '../operator/counts.ts'
import {
  type Converged,
  converge,
  type Edit,
  edited,
  fill,
  type Flooded,
  flooded,
  idle,
  keysOf,
  restart,
  type Restarted,
} from '../operator/measure.ts'
import { type Operator, openStage, type Stage } from '../operator/stage.ts'
import { atMost, type Finding, type Report, type Table } from '../report.ts'
import { figure, median } from '../statistics.ts'
import type { Scale } from './part.ts'

/** Pipelines of the small cluster. */
const few = 100

/** Here `events` are pipelines, and `rounds` minutes in which nobody changes anything. */
export const usual: Scale = { events: 1_000, rounds: 10 }

interface Measured {
  small: Converged
  large: Converged
  edits: Edit[]
  flood: Flooded
  idle: Counts
  restarted: Restarted
  /** MB, after all of it. */
  resident: number
  peak: number
}

/** Converges a cluster of so many pipelines, and goes on with it. */
const within = async <T>(
  pipelines: number,
  work: (given: { stage: Stage; operator: Operator; converged: Converged }) => Promise<T>,
): Promise<T> => {
  const stage = await openStage()
  try {
    const keys = keysOf(pipelines)
    await step(`${pipelines} pipelines are made`, () => fill(stage, keys))
    const begun = await step(`${pipelines} pipelines converge`, () => converge(stage, keys))
    return await work({ stage, ...begun })
  } finally {
    await stage.close()
  }
}

const measure = async (pipelines: number, minutes: number): Promise<Measured> => {
  const small = await within(few, async ({ operator, converged }) => {
    await operator.stop()
    return converged
  })
  return within(pipelines, async ({ stage, operator, converged }) => {
    const keys = keysOf(pipelines)
    const edits = await step('edits', () => edited(stage, keys))
    const flood = await step('a flood', () => flooded(stage, operator, keys))
    const writes = await step(`${minutes} min without a change`, () => idle(stage, minutes))
    const { resident, peak } = operator.usage()
    const restarted = await step('a restart', () => restart(stage, { before: operator, pipelines }))
    return { small, large: converged, edits, flood, idle: writes, restarted, resident, peak }
  })
}

/** The value that so many of a hundred do not exceed. */
const percentile = (numbers: readonly number[], percent: number): number =>
  numbers.toSorted((a, b) => a - b)[Math.ceil((numbers.length * percent) / 100) - 1] ?? NaN

const findings = (of: Measured, minutes: number): Finding[] => {
  const { small, large, edits, flood, restarted } = of
  const seconds = (required: number, aim: number) => ({ required, aim, unit: ' s' })
  const memory = (required: number, aim: number) => ({ required, aim, unit: ' MB' })
  const written = edits.map((edit) => edit.written)
  const [slowest] = flood.edits.toSorted((a, b) => b.written - a.written)
  return [
    atMost(`operator, ${large.pipelines} pipelines: first convergence`, seconds(180, 120), {
      value: large.seconds,
    }),
    atMost('operator, edit until it is written, p99', seconds(1, 0.3), {
      value: percentile(written, 99) / 1_000,
      range: `median ${figure(median(written) / 1_000)} s`,
    }),
    atMost(
      `operator, writes in ${minutes} min without a change`,
      { required: 0, aim: 0, unit: '' },
      {
        value: total(of.idle),
      },
    ),
    atMost(`operator, RSS with ${large.pipelines} pipelines, the most ever`, memory(300, 200), {
      value: of.peak,
      range: `${figure(of.resident)} MB at the end`,
    }),
    atMost('operator, restart until caught up', seconds(20, 10), {
      value: restarted.seconds,
      range: `${total(restarted.writes)} writes`,
    }),
    atMost(`operator, RSS with ${small.pipelines} pipelines`, memory(120, 100), { value: small.peak }),
    atMost(`operator, an edit while another tenant makes ${flood.flood}, the slowest`, seconds(5, 1), {
      value: (slowest?.written ?? NaN) / 1_000,
      range: `${figure((slowest?.taken ?? NaN) / 1_000)} s until the API server had taken it`,
    }),
    atMost(
      `operator, events dropped while ${large.pipelines} pipelines converge`,
      { required: 0, aim: 0, unit: '' },
      {
        value: large.dropped,
        range: `${large.writes['events POST'] ?? 0} written`,
      },
    ),
  ]
}

const table = ({ small, large }: Measured): Table => {
  const kinds = [...new Set([...Object.keys(small.writes), ...Object.keys(large.writes)])].sort()
  const each = (of: Converged, value: number) => figure(value / of.pipelines)
  const row = (what: string, value: (of: Converged) => number) => [
    what,
    each(small, value(small)),
    each(large, value(large)),
  ]
  return [
    ['for each pipeline, until nothing was left to write', `of ${small.pipelines}`, `of ${large.pipelines}`],
    row('passes', (of) => of.passes),
    row('writes', (of) => total(of.writes)),
    ...kinds.map((kind) => row(kind, (of) => of.writes[kind] ?? 0)),
    ['writes for each pass', ...[small, large].map((of) => figure(total(of.writes) / of.passes))],
  ]
}

export const run = async ({ events: pipelines, rounds: minutes }: Scale): Promise<Report> => {
  const measured = await measure(pipelines, minutes)
  return {
    part: 'operator',
    title: `Operator: ${pipelines} pipelines on a real API server`,
    about: [
      `The bundle as one process with the rights of its service account and the heap of its pod, on a real etcd and API server that have the same cores. ${pipelines} pipelines (${4 * pipelines} topics, ${3 * pipelines} Deployments) in ten namespaces exist before it starts; a stand-in for the Topic Operator and the controller of Deployments says at once that each is as it is wanted. There are no pods, so no consumer answers.`,
      'First convergence is from the start of the process until the last pipeline is Ready. An edit is counted from before its request until the changed Deployment is seen by a watch; the flood comes from an administrator, eight edits at a time, as fast as the API server takes them.',
      'Writes are those that the API server counted, without those of the Lease; the caches alone are read, so a pass asks for nothing.',
    ],
    findings: findings(measured, minutes),
    table: table(measured),
    runs: measured,
  }
}
