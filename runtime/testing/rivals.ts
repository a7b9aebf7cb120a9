import { setImmediate as turn } from 'node:timers/promises'
import type { Log } from '../roles/log.ts'
import type { TaskTotals } from '../stream/task-commit.ts'
import type { WindowSpec } from '../stream/window.ts'
import { manualClock } from './clock.ts'
import { Engine } from './engine.ts'
import { type Committed, type Evidence, type RawEvent, tornApart, valueOf } from './evidence.ts'
import { MemoryBroker, type Transaction } from './memory-broker.ts'
import { memoryLog } from './memory-log.ts'
import { groups, topics } from './pipeline.ts'
import type { RivalAction, RivalStory } from './rival-story.ts'
import type { Sent } from './story.ts'

/**
 * Workers that know nothing of each other over one log, each of them at all partitions. Every request waits before it
 * is done and after, and so does a commit between its records and its end, until the story lets it go on: any of them
 * may be overtaken, crash between any two steps, or come back when others have done its work long since.
 */

const start = 1_700_000_000_000
const grace = 1_000
const workers = 2
/** Turns after which what was under way has come to an end. */
const patience = 1_000

type Gate = <T>(work: () => Promise<T>) => Promise<T>

class Rivals {
  readonly #story: RivalStory
  readonly #clock = manualClock(start)
  readonly broker = new MemoryBroker(this.#clock)
  readonly raw: RawEvent[] = []
  readonly committed: Committed[] = []
  readonly totals: TaskTotals[] = []
  readonly torn: string[] = []
  readonly #opened = new WeakMap<Transaction, Committed['opened']>()
  /** What waits to go on. */
  #waiting: (() => void)[] = []
  #engines: Engine[] = []
  #busy = new Set<string>()
  #faults: Exclude<ReturnType<MemoryBroker['commitFault']>, undefined>[] = []
  #window: WindowSpec
  #generation = 1
  #duplicates = 0

  constructor(story: RivalStory) {
    this.#story = story
    this.#window = story.window
    this.broker.createTopic(topics.events, 2)
    this.broker.committed = (transaction, holder) => {
      this.committed.push({ transaction, holder, opened: this.#opened.get(transaction) })
    }
    this.broker.beforeEnd = () => this.#wait()
    this.broker.commitFault = () => this.#faults.shift()
    for (let worker = 0; worker < workers; worker += 1)
      this.#engines.push(this.#engine(this.#log(this.#gate)))
  }

  async run(): Promise<Evidence> {
    for (const action of this.#story.actions) {
      await this.#act(action)
      this.#look()
    }
    await this.#finish()
    this.#look()
    const { broker, raw, committed, totals, torn } = this
    const { actions } = this.#story
    const tumbling = [this.#story.window, ...actions.filter((each) => each.kind === 'window')]
    return {
      broker,
      raw,
      committed,
      totals,
      torn,
      duplicates: Math.max(this.#duplicates, ...this.#engines.map(({ duplicates }) => duplicates)),
      tumbling: tumbling.every(({ size, slide }) => size === slide),
      grown: actions.some(({ kind }) => kind === 'grow'),
    }
  }

  async #act(action: RivalAction): Promise<void> {
    const { broker } = this
    if (action.kind === 'send') this.#send(action.partition, action.events)
    else if (action.kind === 'task') this.#task(action)
    else if (action.kind === 'merge') this.#merge(action)
    else if (action.kind === 'work') {
      for (let partition = 0; partition < broker.partitions(topics.events); partition += 1)
        this.#task({ ...action, partition })
      this.#merge(action)
    } else if (action.kind === 'turn') await this.#turn(action)
    else if (action.kind === 'rest') await this.#rest()
    else if (action.kind === 'crash') this.#replace(action.worker)
    else if (action.kind === 'fault') this.#faults.push(action.fault)
    else if (action.kind === 'pass') await this.#clock.advance(action.time)
    else if (action.kind === 'grow')
      for (const topic of [topics.panes, topics.dlq, topics.events])
        broker.createTopic(topic, broker.partitions(topic) + 1)
    else this.#change(action)
  }

  #send(partition: number, events: readonly Sent[]): void {
    if (partition >= this.broker.partitions(topics.events)) return
    for (const event of events) {
      const time = this.#clock.now() - event.ago
      const messages = [{ key: null, value: valueOf({ ...event, time }) }]
      const offset = this.broker.append({ topic: topics.events, partition, messages })
      this.raw.push({ ...event, partition, offset, time })
    }
  }

  #task({ worker, partition, most }: { worker: number; partition: number; most: number }): void {
    if (partition < this.broker.partitions(topics.events))
      this.#begin(worker, `task ${partition}`, (engine) => engine.stepTask(partition, most))
  }

  #merge({ worker, most }: { worker: number; most: number }): void {
    this.#begin(worker, 'merge', (engine) => engine.stepMerge(most))
  }

  /** One thing at a time is under way at each work of each worker. */
  #begin(worker: number, work: string, step: (engine: Engine) => Promise<void>): void {
    const engine = this.#engines[worker]
    const key = `${worker} ${work}`
    if (engine === undefined || this.#busy.has(key)) return
    this.#busy.add(key)
    void step(engine).finally(() => {
      if (this.#engines[worker] === engine) this.#busy.delete(key)
    })
  }

  /** Lets some of what waits go on. */
  async #turn({ which, times }: { which: number; times: number }): Promise<void> {
    for (let left = times; left > 0; left -= 1) {
      await turn()
      const [next] = this.#waiting.splice(which % Math.max(1, this.#waiting.length), 1)
      next?.()
    }
    await turn()
  }

  async #rest(): Promise<void> {
    for (let left = patience; left > 0 && this.#waiting.length > 0; left -= 1)
      await this.#turn({ which: 0, times: this.#waiting.length })
  }

  /** The worker crashes, and another takes its place. What it has sent may still arrive. */
  #replace(worker: number): void {
    this.#duplicates = Math.max(this.#duplicates, this.#engines[worker]?.duplicates ?? 0)
    this.#engines[worker] = this.#engine(this.#log(this.#gate))
    for (const key of this.#busy) if (key.startsWith(`${worker} `)) this.#busy.delete(key)
  }

  /** One worker is replaced by one of the next generation. */
  #change({ worker, size, slide }: { worker: number; size: number; slide: number }): void {
    this.#generation += 1
    this.#window = { size, slide }
    this.#replace(worker)
  }

  #engine(log: Log): Engine {
    const window = { ...this.#window, generation: this.#generation }
    const { idleTimeout } = this.#story
    const partitions = this.broker.partitions(topics.events)
    return new Engine(this.broker, { partitions, grace, idleTimeout, window }, log)
  }

  readonly #gate: Gate = async (work) => {
    await this.#wait()
    try {
      return await work()
    } finally {
      await this.#wait()
    }
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  /** A log whose requests and answers pass through a gate, and which remembers what was read under which lease. */
  #log(gate: Gate): Log {
    const log = memoryLog(this.broker)
    const held = new Map<string, { opened: Committed['opened'] }>()
    return {
      ...log,
      partitions: (topic) => gate(() => log.partitions(topic)),
      hidden: (place) => gate(() => log.hidden(place)),
      lease: (id, signal) =>
        gate(async () => {
          const lease = await log.lease(id, signal)
          const mine = { opened: undefined }
          held.set(id, mine)
          return {
            settle: (hanging) => gate(() => lease.settle(hanging)),
            commit: (given) => {
              this.#opened.set(given, mine.opened)
              return gate(() => lease.commit(given))
            },
          }
        }),
      position: (at) =>
        gate(async () => {
          const position = await log.position(at)
          const mine = at.group === groups.processor ? held.get(`task.${at.partition}`) : undefined
          if (mine !== undefined) mine.opened = position ?? null
          return position
        }),
    }
  }

  /** What readers see, and what the tasks say, at this moment. */
  #look(): void {
    for (let partition = 0; partition < this.broker.partitions(topics.events); partition += 1) {
      for (const engine of this.#engines) {
        const totals = engine.totals(partition)
        if (totals !== undefined) this.totals.push(totals)
      }
      const wrong = tornApart(this.broker, partition)
      if (wrong !== undefined) this.torn.push(wrong)
    }
  }

  /** Whatever is under way ends, and then later events close all windows before them, twice, to tell the last counts. */
  async #finish(): Promise<void> {
    this.#faults = []
    await this.#rest()
    this.broker.beforeEnd = () => Promise.resolve()
    const last = this.#engine(this.#log((work) => work()))
    this.#engines.push(last)
    const closing = { ago: 0, user: 0, page: 0, duration: 0, broken: false }
    for (const _round of [1, 2]) {
      await this.#clock.advance(100_000)
      for (let partition = 0; partition < this.broker.partitions(topics.events); partition += 1)
        this.#send(partition, [closing])
      await last.catchUp()
      await this.#clock.advance(1_000)
      await last.catchUp()
    }
  }
}

/** Tells a story, and gives what it left behind. */
export const rivals = (story: RivalStory): Promise<Evidence> => new Rivals(story).run()
