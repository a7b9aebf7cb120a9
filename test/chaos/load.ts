import { setTimeout as pause } from 'node:timers/promises'
import type { Log, Message } from '../../runtime/roles/log.ts'
import type { Entry } from './history.ts'

/** Writes events at a rate and keeps the ledger of what the log acknowledged. */
export interface Load {
  readonly ledger: readonly Entry[]
  /** The newest event time so far. */
  newest(): number
  /** Ends the writing; resolves when every event was acknowledged or given up. */
  stop(): Promise<void>
}

export interface LoadOptions {
  log: Log
  topic: string
  partitions: number
  /** Events per second. */
  rate: number
  /** By how much events may come out of order without being late, in milliseconds. */
  grace: number
  /** First part of each event's id, another for each load of a topic. */
  prefix?: string
}

const tick = 20
/** Of a thousand events so many are out of order, late, or none at all. */
const [disordered, late, invalid] = [20, 3, 3]
/** Late events lie so far back, in milliseconds: longer than windows stay open. */
const lateBy = 20_000
const types = ['page_view', 'click', 'add_to_cart', 'purchase', 'search']
const most = 2_000

const text = (entry: Entry & { time: number }, index: number): string =>
  `{"event_id":"${entry.id}","timestamp":"${new Date(entry.time).toISOString()}","user_id":"user-${entry.user}","session_id":"session-${entry.user}","event_type":"${types[index % types.length]}","page_url":"/page-${index % 97}","page_category":"shop","referrer":"direct","device_type":"mobile","country":"DE","duration_ms":${index % 1_000}}`

/** A queue for each partition: one append at a time, in order, with all that waits. */
class Row {
  readonly #options: LoadOptions
  readonly #partition: number
  #waiting: { entry: Entry; message: Message }[] = []
  #sending: Promise<void> | undefined

  constructor(options: LoadOptions, partition: number) {
    this.#options = options
    this.#partition = partition
  }

  put(entry: Entry, value: string): void {
    this.#waiting.push({ entry, message: { key: Buffer.from(entry.id), value: Buffer.from(value) } })
  }

  send(): Promise<void> {
    if (this.#waiting.length > 0) this.#sending ??= this.#drain()
    return this.#sending ?? Promise.resolve()
  }

  async #drain(): Promise<void> {
    const { log, topic } = this.#options
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, most)
      const messages = batch.map(({ message }) => message)
      try {
        await log.append({ topic, partition: this.#partition, messages })
        for (const { entry } of batch) entry.acknowledged = true
      } catch {
        // Whether the log has it stays unknown.
      }
    }
    this.#sending = undefined
  }
}

export const startLoad = (options: LoadOptions): Load => {
  const { partitions, rate, grace, prefix = 'e' } = options
  const ledger: Entry[] = []
  const rows = Array.from({ length: partitions }, (_, partition) => new Row(options, partition))
  const ended = new AbortController()
  let newest = 0

  const make = (now: number): void => {
    const index = ledger.length
    const draw = (index * 7_919) % 1_000
    const partition = (index + Math.floor(index / partitions)) % partitions
    const back = backBy(draw, { index, grace })
    const time = back === undefined ? undefined : now - back
    const entry: Entry = { id: `${prefix}${index}`, partition, time, user: index % 500, acknowledged: false }
    if (time !== undefined) newest = Math.max(newest, time)
    ledger.push(entry)
    const value = time === undefined ? `not an event ${index}` : text({ ...entry, time }, index)
    rows[partition]?.put(entry, value)
  }
  const run = async (): Promise<void> => {
    const began = Date.now()
    while (!ended.signal.aborted) {
      const now = Date.now()
      const due = Math.floor(((now - began) / 1_000) * rate)
      // Event times go evenly over the time since the last tick.
      for (let missing = due - ledger.length; missing > 0; missing -= 1)
        make(Math.floor(now - ((missing - 1) * 1_000) / rate))
      for (const row of rows) void row.send()
      await pause(tick)
    }
    await Promise.all(rows.map((row) => row.send()))
  }
  const done = run()
  return {
    ledger,
    newest: () => newest,
    stop() {
      ended.abort()
      return done
    },
  }
}

/** By how many milliseconds an event lies back; undefined for what is no event. */
const backBy = (draw: number, { index, grace }: { index: number; grace: number }): number | undefined => {
  if (draw < invalid) return undefined
  if (draw < invalid + late) return lateBy
  return draw < invalid + late + disordered ? (index * 31) % grace : 0
}
