import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { until } from '../../dev/until.ts'
import { groupNames, topicNames } from '../../runtime/names.ts'
import type { Entry, Spec } from './history.ts'
import { type Load, type Mix, startLoad } from './load.ts'
import { createTopics, grace, processorEnvironment } from './pipeline.ts'
import { type Pod, startPod, untilReady, untilShared } from './pod.ts'
import type { Finding } from './finding.ts'
import { figures, historyOf, isAtRest, type Place } from './outcome.ts'
import { resultRow, type SeenResult } from './rows.ts'
import type { Stage } from './stage.ts'
import { verdict } from './verdict.ts'

export interface TrialOptions {
  stage: Stage
  /** Name of the pipeline; topics and groups are made for it. */
  name: string
  /** Events per second. */
  rate: number
  replicas: number
  /** Milliseconds. */
  window: Spec
  partitions?: number
  replication?: number
  /** Where the processors' code is, when it is not this repository's: then they need not end well. */
  code?: string
  /** The processors' way to the brokers: through the proxy, unless something is measured. */
  way?: 'direct' | 'proxied'
  /** What comes instead of plain events; default: words, three of a thousand. */
  mix?: Mix
}

const sum = (numbers: readonly (number | undefined)[]): number =>
  numbers.reduce<number>((total, each) => total + (each ?? 0), 0)

/** A pipeline under load, and all that is known of it. */
export class Trial {
  readonly options: TrialOptions
  readonly partitions: number
  readonly topics: ReturnType<typeof topicNames>
  readonly groups: ReturnType<typeof groupNames>
  readonly specs = new Map<number, Spec>()
  readonly pods: Pod[] = []
  /** Results as they became visible. */
  readonly results: SeenResult[] = []
  /** What others than the load have written to the events. */
  readonly others: Entry[] = []
  readonly #gone: Pod[] = []
  readonly #duplicates = new Map<Pod, number>()
  readonly #watching = new AbortController()
  readonly #watch: Promise<void>
  #load: Load
  generation = 1

  constructor(options: TrialOptions) {
    const { stage, name, rate, partitions = 6, mix } = options
    this.options = options
    this.partitions = partitions
    this.topics = topicNames(name)
    this.groups = groupNames(name)
    this.specs.set(1, options.window)
    this.#watch = this.#follow()
    const load = { log: stage.log, topic: this.topics.events, partitions, rate, grace }
    this.#load = startLoad(mix === undefined ? load : { ...load, mix })
  }

  get load(): Load {
    return this.#load
  }

  async add(count = 1): Promise<Pod[]> {
    const { stage, name, code, way = 'proxied' } = this.options
    const window = this.specs.get(this.generation) ?? this.options.window
    const environment = processorEnvironment({
      name,
      bootstrapServers: stage[way],
      window,
      generation: this.generation,
    })
    const start = () => startPod(environment, code === undefined ? {} : { code })
    const added = await Promise.all(Array.from({ length: count }, start))
    this.pods.push(...added)
    return added
  }

  /** SIGKILL. */
  async kill(pod: Pod): Promise<void> {
    await this.#note(pod)
    await pod.kill()
    this.#drop(pod)
  }

  /** Ends a pod as Kubernetes does. Rejects when it does not end well. */
  async stop(pod: Pod): Promise<void> {
    await this.#note(pod)
    const code = await pod.stop()
    this.#drop(pod)
    if (code !== 0 && this.options.code === undefined)
      throw new Error(`processor ${pod.pid} ended with ${code}: ${pod.lines.slice(-5).join('\n')}`)
  }

  /** Replaces every pod, one after the other, by one with this window. */
  async roll(window?: Spec): Promise<void> {
    this.generation += 1
    this.specs.set(this.generation, window ?? this.specs.get(this.generation - 1) ?? this.options.window)
    for (const old of this.pods.slice()) {
      const [fresh] = await this.add()
      if (fresh !== undefined) await untilReady(fresh)
      await this.stop(old)
    }
  }

  /** Waits for so many more windows, and gives the instant when the first of them could be read. */
  async windows(count: number, deadline = 90_000): Promise<number> {
    const from = this.results.length
    await until(`${count} more windows of ${this.options.name}`, () => this.results.length >= from + count, {
      deadline,
      every: 20,
    })
    return this.results[from]?.at ?? 0
  }

  /** Ends the load, lets all of it be counted, and judges. Rejects with what is wrong. */
  async settle(): Promise<string> {
    const findings = await this.judge()
    if (findings.length === 0) return figures(this.#load.ledger.length + this.others.length, this.results)
    throw new Error(this.#report(findings))
  }

  /** As `settle`, but gives what is wrong. */
  async judge(deadline = 300_000): Promise<Finding[]> {
    await this.#load.stop()
    const rested = () => isAtRest(this.place, { results: this.results, newest: this.#load.newest() })
    await until(`the end of ${this.options.name}`, rested, { deadline, every: 500 }).catch(() => undefined)
    const unaccounted = await Promise.all(this.pods.map((pod) => pod.measure('unaccounted_events')))
    await this.end()
    const history = await historyOf(this.place, {
      specs: this.specs,
      entries: [...this.#load.ledger, ...this.others],
      duplicatePanes: sum([...this.#duplicates.values()]),
      unaccounted: sum(unaccounted),
    })
    return verdict(history)
  }

  /** Ends the load and all pods. */
  async end(): Promise<void> {
    await this.#load.stop()
    for (const pod of this.pods) pod.thaw()
    await Promise.all([...this.pods].map((pod) => this.stop(pod)))
    await pause(200)
    this.#watching.abort()
    await this.#watch
  }

  async #follow(): Promise<void> {
    const tail = this.options.stage.witness.follow(this.topics.metrics)
    while (!this.#watching.signal.aborted) {
      try {
        this.results.push(...(await tail.poll()).map(resultRow))
      } catch {
        await pause(200)
      }
    }
  }

  get place(): Place {
    return { witness: this.options.stage.witness, topics: this.topics, groups: this.groups }
  }

  async #note(pod: Pod): Promise<void> {
    const noted = await pod.measure('duplicate_panes_total').catch(() => undefined)
    if (noted !== undefined) this.#duplicates.set(pod, noted)
  }

  #drop(pod: Pod): void {
    const index = this.pods.indexOf(pod)
    if (index >= 0) this.#gone.push(...this.pods.splice(index, 1))
  }

  #report(findings: readonly Finding[]): string {
    const lines = findings.slice(0, 12).map(({ fault, text }) => `${fault}: ${text}`)
    return `${findings.length} findings in ${this.options.name}\n${lines.join('\n')}`
  }

  /** Writes what the pods said into a folder, and gives it. */
  saveLogs(): string {
    const folder = mkdtempSync(join(tmpdir(), `${this.options.name}-`))
    for (const { pid, lines } of [...this.#gone, ...this.pods])
      writeFileSync(join(folder, `${pid}.log`), lines.join('\n'))
    return folder
  }
}

/** Makes the topics of a pipeline, the load, and its processors; resolves with the first window, every processor at work. */
export const openTrial = async (options: TrialOptions): Promise<Trial> => {
  const { stage, name, replicas, partitions = 6, replication = 1 } = options
  await createTopics(stage, { name, partitions, replication })
  const trial = new Trial(options)
  try {
    await trial.add(replicas)
    await trial.windows(1, 180_000)
    // The first window needs one processor: the others may not even have joined.
    await untilShared(trial.pods, partitions)
    return trial
  } catch (cause) {
    const logs = trial.saveLogs()
    await trial.end()
    throw new Error(`${name} did not begin; its logs are in ${logs}`, { cause })
  }
}
