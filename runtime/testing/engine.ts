import { scan } from '../scan/exact.ts'
import { type Lease, type Log, LogFault } from '../roles/log.ts'
import { mergeStarts, panesStart, taskStart } from '../roles/starts.ts'
import { Merge, StaleGeneration } from '../stream/merge.ts'
import type { Edition } from '../stream/merge-position.ts'
import { Task } from '../stream/task.ts'
import type { TaskTotals } from '../stream/task-commit.ts'
import type { WindowSpec } from '../stream/window.ts'
import type { MemoryBroker } from './memory-broker.ts'
import { memoryLog } from './memory-log.ts'
import { groups, pipeline, topics } from './pipeline.ts'

/** What an engine under test runs with. */
export interface EngineOptions {
  partitions: number
  grace: number
  idleTimeout: number
  window: WindowSpec & Partial<Edition>
}

const never = new AbortController().signal

/**
 * Tasks and a merger over a log in memory, driven step by step: what the processor does, without its loops. After an
 * error or a crash the next step takes a new lease, as the loops do.
 */
export class Engine {
  readonly broker: MemoryBroker
  readonly #log: Log
  readonly #options: EngineOptions
  readonly #tasks = new Map<number, { lease: Lease; task: Task }>()
  #merge: { lease: Lease; merge: Merge } | undefined
  #window: WindowSpec & Edition
  duplicates = 0

  constructor(broker: MemoryBroker, options: EngineOptions, log: Log = memoryLog(broker)) {
    this.broker = broker
    this.#options = options
    this.#log = log
    this.#window = { created: 1_000, generation: 1, ...options.window }
    for (const topic of [topics.events, topics.panes, topics.dlq])
      broker.createTopic(topic, options.partitions)
    broker.createTopic(topics.metrics, 1)
  }

  crashTask(partition: number): void {
    this.#tasks.delete(partition)
  }

  crashMerge(): void {
    this.#merge = undefined
  }

  /** Changes the window: a merger of the next generation takes over. */
  changeWindow(window: WindowSpec): void {
    this.#window = { ...this.#window, ...window, generation: this.#window.generation + 1 }
    this.crashMerge()
  }

  /** Every task reads and writes what it can, then the merger. */
  async catchUp(): Promise<void> {
    for (let partition = 0; partition < this.broker.partitions(topics.events); partition += 1)
      for (const _step of [1, 2, 3]) await this.stepTask(partition)
    for (const _step of [1, 2, 3]) await this.stepMerge()
  }

  /** Reads up to `most` events of a partition and writes what is due. */
  async stepTask(partition: number, most = Infinity): Promise<void> {
    try {
      const { task, lease } = this.#tasks.get(partition) ?? (await this.#openTask(partition))
      const log = this.broker.partition(topics.events, partition)
      const now = this.broker.clock.now()
      const next = Math.min(log.end, task.next + most)
      for (const record of log.records(task.next, next)) task.fold(record, now)
      task.fetched(now, { next, end: log.end, high: log.high })
      const commit = task.commit(now)
      if (commit === undefined) return
      await lease.commit({
        appends: [
          { topic: topics.panes, partition, messages: commit.panes },
          { topic: topics.dlq, partition, messages: commit.deadLetters },
        ],
        group: groups.processor,
        positions: [{ topic: topics.events, partition, ...commit.position }],
      })
    } catch (error) {
      if (!(error instanceof LogFault)) throw error
      this.crashTask(partition)
    }
  }

  /** Reads up to `most` records of each partition of the panes and publishes what is due. */
  async stepMerge(most = Infinity): Promise<void> {
    try {
      this.#merge ??= await this.#openMerge()
      const { merge, lease } = this.#merge
      for (let partition = 0; partition < merge.partitions; partition += 1) {
        const log = this.broker.partition(topics.panes, partition)
        const next = Math.min(log.end, merge.next(partition) + most)
        for (const record of log.records(merge.next(partition), next)) merge.take(partition, record)
        merge.fetched(partition, next)
      }
      this.duplicates = Math.max(this.duplicates, merge.duplicates)
      const count = await this.#log.partitions(topics.panes)
      while (merge.partitions < count)
        merge.grow(await panesStart({ log: this.#log, pipeline, lease }, merge.partitions))
      const commit = merge.commit()
      if (commit === undefined) return
      const messages = commit.results.map(({ text }) => ({ key: null, value: Buffer.from(text) }))
      const positions = commit.positions.map((position) => ({ topic: topics.panes, ...position }))
      await lease.commit({
        appends: [{ topic: topics.metrics, partition: 0, messages }],
        group: groups.merge,
        positions,
      })
    } catch (error) {
      if (!(error instanceof LogFault) && !(error instanceof StaleGeneration)) throw error
      this.crashMerge()
    }
  }

  /** What a task at work says of itself. */
  totals(partition: number): TaskTotals | undefined {
    return this.#tasks.get(partition)?.task.totals()
  }

  async #openTask(partition: number) {
    const lease = await this.#log.lease(`task.${partition}`, never)
    const { committed, start } = await taskStart({ log: this.#log, pipeline, lease }, partition)
    const { grace, idleTimeout, window } = this.#options
    const task = new Task({
      topic: topics.events,
      partition,
      scan,
      window: { slide: window.slide, grace, idleTimeout },
      position: committed?.position,
      start,
      now: this.broker.clock.now(),
    })
    const open = { lease, task }
    this.#tasks.set(partition, open)
    return open
  }

  async #openMerge() {
    const lease = await this.#log.lease('merge', never)
    const partitions = await mergeStarts({ log: this.#log, pipeline, lease })
    return { lease, merge: new Merge({ pipeline, window: this.#window, partitions }) }
  }
}
