import { setTimeout as pause } from 'node:timers/promises'
import { inParallel } from '../../dev/parallel.ts'
import { until } from '../../dev/until.ts'
import type { Key } from '../../operator/api/kubernetes.ts'
import { childName } from '../../operator/desired/names.ts'
import { allWritesIn, type Counts, since, total, writesIn } from './counts.ts'
import type { Operator, Stage } from './stage.ts'

const second = 1_000
const tenants = 10
const edits = 200
/** Milliseconds between two looks at the operator's metrics, which cost it something. */
const scrape = 500
/** Edits of each pipeline of the tenant that floods. */
const waves = 5
/** Topics and Deployments of a pipeline. */
const children = 4 + 3

/** The names of so many pipelines, spread over ten namespaces. */
export const keysOf = (pipelines: number): Key[] =>
  Array.from({ length: pipelines }, (_, n) => ({ namespace: `tenant-${n % tenants}`, name: `shop-${n}` }))

/** Makes pipelines that no operator sees yet. */
export const fill = async (stage: Stage, keys: readonly Key[]): Promise<void> => {
  for (const namespace of new Set(keys.map((key) => key.namespace))) await stage.namespace(namespace)
  await inParallel(keys, 16, (key) => stage.put(key))
}

export const passes = (operator: Operator): Promise<number> =>
  operator.metric('controller_runtime_reconcile_total')

/** Resolves when the operator has written nothing for so many seconds. */
const quiet = async (stage: Stage, seconds: number): Promise<void> => {
  let before = NaN
  let from = performance.now()
  const look = async (): Promise<boolean> => {
    const now = total(writesIn(await stage.requests()))
    if (now !== before) from = performance.now()
    before = now
    return performance.now() - from > seconds * second
  }
  await until('the last write', look, { deadline: 600_000, every: 1_000 })
}

/** How an operator went that was started on pipelines that nobody had served before. */
export interface Converged {
  pipelines: number
  /** Seconds from the start of the process until the last pipeline was Ready. */
  seconds: number
  passes: number
  /** Writes until nothing was left to write. */
  writes: Counts
  /** Events about pipelines that were not written. */
  dropped: number
  /** MB, when nothing was left to write. */
  resident: number
  /** MB, the most until then. */
  peak: number
}

/** That no consumer answers is known after some 40 s, and written once. */
const untilUnread = 45

/** Starts an operator on pipelines that are all new to it; it is left at work when it was `still` for so many seconds. */
export const converge = async (
  stage: Stage,
  keys: readonly Key[],
  still = untilUnread,
): Promise<{ operator: Operator; converged: Converged }> => {
  const before = await stage.requests()
  const from = performance.now()
  const operator = await stage.startOperator()
  const ready = () => stage.controllers.ready() === keys.length
  await Promise.race([until('all are Ready', ready, { deadline: 600_000 }), operator.broken])
  const seconds = (performance.now() - from) / second
  await quiet(stage, still)
  const made = stage.controllers.children()
  if (made !== children * keys.length)
    throw new Error(`${keys.length} pipelines are Ready with ${made} topics and Deployments`)
  const writes = writesIn(since(before, await stage.requests()))
  const { resident, peak } = operator.usage()
  const converged = {
    pipelines: keys.length,
    seconds,
    passes: await passes(operator),
    writes,
    dropped: await operator.metric('clickstream_operator_events_dropped_total'),
    resident,
    peak,
  }
  return { operator, converged }
}

/** An edit of the rate; milliseconds from before its request. */
export interface Edit {
  /** Until the API server has taken it. */
  taken: number
  /** Until the Deployment that has it is seen. */
  written: number
}

export const edit = async (stage: Stage, key: Key, rate: number): Promise<Edit> => {
  const written = stage.controllers.nextGeneration({ ...key, name: childName(key, 'producer') })
  const from = performance.now()
  await stage.put(key, { producer: { rate } })
  const taken = performance.now() - from
  return { taken, written: (await written) - from }
}

/** Edits, one after the other. */
export const edited = async (stage: Stage, keys: readonly Key[]): Promise<Edit[]> => {
  const times: Edit[] = []
  for (let n = 0; n < edits; n += 1) {
    const key = keys[(n * 7) % keys.length]
    if (key) times.push(await edit(stage, key, 100 + n))
  }
  return times
}

export interface Flooded {
  /** Edits of the tenant that floods. */
  flood: number
  /** Edits of another tenant meanwhile. */
  edits: Edit[]
}

/** One tenant edits all its pipelines again and again, eight at a time; another one edits as usual. */
export const flooded = async (stage: Stage, operator: Operator, keys: readonly Key[]): Promise<Flooded> => {
  const of = (tenant: string) => keys.filter(({ namespace }) => namespace === tenant)
  const [theirs, ours] = [of('tenant-0'), of('tenant-1')]
  const all = Array.from({ length: waves }, (_, wave) =>
    theirs.map((key) => ({ key, rate: 1_000 + wave })),
  ).flat()
  const idles = async () => (await operator.metric('workqueue_depth')) === 0
  const end = new AbortController()
  const flood = inParallel(all, 8, ({ key, rate }) => stage.put(key, { producer: { rate } }))
    .then(() => until('an empty queue', idles, { deadline: 120_000, every: scrape }))
    .finally(() => end.abort())
  const edits: Edit[] = []
  for (let n = 0; !end.signal.aborted; n += 1) {
    const key = ours[n % ours.length]
    if (key) edits.push(await edit(stage, key, 500 + n))
  }
  await flood
  return { flood: all.length, edits }
}

/** What is written while nobody changes anything. */
export const idle = async (stage: Stage, minutes: number, still = 10): Promise<Counts> => {
  await quiet(stage, still)
  const before = await stage.requests()
  await pause(minutes * 60 * second)
  return allWritesIn(since(before, await stage.requests()))
}

/** How another operator went that was started on pipelines which want nothing. */
export interface Restarted {
  /** Seconds from the start of the process until it had made a pass over every pipeline. */
  seconds: number
  writes: Counts
}

/** Ends the operator in order and starts another. */
export const restart = async (
  stage: Stage,
  { before, pipelines }: { before: Operator; pipelines: number },
): Promise<Restarted> => {
  await before.stop()
  const counts = await stage.requests()
  const from = performance.now()
  const operator = await stage.startOperator()
  const caughtUp = async () =>
    (await passes(operator)) >= pipelines && (await operator.metric('workqueue_depth')) === 0
  await Promise.race([
    until('a pass over all', caughtUp, { deadline: 300_000, every: scrape }),
    operator.broken,
  ])
  const seconds = (performance.now() - from) / second
  const writes = writesIn(since(counts, await stage.requests()))
  await operator.stop()
  return { seconds, writes }
}
