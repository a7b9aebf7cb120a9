import { setTimeout as pause } from 'node:timers/promises'
import type { Log, Message } from '../../runtime/roles/log.ts'
import type { Reason } from '../../runtime/scan/reasons.ts'
import type { Entry } from './history.ts'

/** What may come instead of plain events. */
export interface Mix {
  /** Of a thousand events so many are none. */
  share: number
  /** What is no event, in turn. */
  malformed: readonly (Pick<Message, 'value' | 'headers'> & { reason: Reason })[]
  /** Events of user 1 that are unusual, in turn, one for each that is none. */
  unusual: (timestamp: string) => readonly Pick<Message, 'value' | 'headers'>[]
}

/** Writes events at a rate and keeps the ledger of what the log acknowledged. */
export interface Load {
  readonly ledger: readonly Entry[]
  /** The newest event time so far. */
  newest(): number
  /** From now on nothing is written to these partitions; what they would get goes to the others, if there are any. */
  silence(partitions: readonly number[]): void
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
  /** Default: words, three of a thousand. */
  mix?: Mix
}

const tick = 20
/** Of a thousand events so many are out of order, or late. */
const [disordered, late] = [20, 3]
const words: Mix = {
  share: 3,
  malformed: [{ value: Buffer.from('not an event'), reason: 'NotJson' }],
  unusual: () => [],
}
/** Late events lie so far back, in milliseconds: longer than windows stay open. */
const lateBy = 20_000
const types = ['page_view', 'click', 'add_to_cart', 'purchase', 'search']
const most = 2_000

/** The event of an entry as JSON. */
export const eventText = (entry: Entry & { time: number }, index: number): string =>
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

  put(entry: Entry, message: Pick<Message, 'value' | 'headers'>): void {
    this.#waiting.push({ entry, message: { ...message, key: Buffer.from(entry.id) } })
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
        for (const { entry } of batch) entry.acknowledgedAt = Date.now()
      } catch {
        // Whether the log has it stays unknown.
      }
    }
    this.#sending = undefined
  }
}

export const startLoad = (options: LoadOptions): Load => {
  const { partitions, rate, mix = words } = options
  const ledger: Entry[] = []
  const rows = Array.from({ length: partitions }, (_, partition) => new Row(options, partition))
  const ended = new AbortController()
  let newest = 0
  let unwritten = 0
  let silent: readonly number[] = []

  const make = (now: number): void => {
    const index = ledger.length
    let partition = (index + Math.floor(index / partitions)) % partitions
    while (silent.includes(partition)) partition = (partition + 1) % partitions
    const { entry, message } = draw({ ...options, mix, index, partition, now })
    if (entry.time !== undefined) newest = Math.max(newest, entry.time)
    ledger.push(entry)
    rows[partition]?.put(entry, message)
  }
  const run = async (): Promise<void> => {
    const began = Date.now()
    while (!ended.signal.aborted) {
      const now = Date.now()
      const due = Math.floor(((now - began) / 1_000) * rate)
      // Event times go evenly over the time since the last tick.
      const missing = due - ledger.length - unwritten
      if (silent.length === partitions) unwritten += missing
      else for (let left = missing; left > 0; left -= 1) make(Math.floor(now - ((left - 1) * 1_000) / rate))
      for (const row of rows) void row.send()
      await pause(tick)
    }
    await Promise.all(rows.map((row) => row.send()))
  }
  const done = run()
  return {
    ledger,
    newest: () => newest,
    silence(wanted) {
      silent = wanted
    },
    stop() {
      ended.abort()
      return done
    },
  }
}

interface Draw {
  prefix?: string
  grace: number
  mix: Mix
  index: number
  partition: number
  now: number
}

/** The event of this number: plain or unusual, in order or not, late, or none. */
const draw = ({ prefix = 'e', grace, mix, index, partition, now }: Draw): Drawn => {
  const lot = (index * 7_919) % 1_000
  const row = { partition, user: index % 500, acknowledgedAt: undefined }
  const bad = lot < mix.share ? inTurn(mix.malformed, index) : undefined
  if (bad !== undefined)
    return {
      entry: { ...row, id: noEvent(index, prefix), time: undefined, reason: bad.reason },
      message: bad,
    }
  const time = now - backBy(lot - mix.share, { index, grace })
  const strange =
    lot >= 1_000 - mix.share ? inTurn(mix.unusual(new Date(time).toISOString()), index) : undefined
  const entry = { ...row, id: `${prefix}${index}`, time, user: strange === undefined ? row.user : 1 }
  return { entry, message: strange ?? { value: Buffer.from(eventText(entry, index)) } }
}

interface Drawn {
  entry: Entry
  message: Pick<Message, 'value' | 'headers'>
}

/** The lots go round once in a thousand events: a number for each lot of each round. */
const inTurn = <T>(items: readonly T[], index: number): T | undefined =>
  items[(index * 31 + Math.floor(index / 1_000)) % items.length]

const noEvent = (index: number, prefix: string): string => `none-${prefix}${index}`
/** Whether a record's key is that of what is no event, whatever its value looks like. */
export const isNoEvent = (id: string): boolean => id.startsWith('none-')

/** By how many milliseconds an event lies back. */
const backBy = (lot: number, { index, grace }: { index: number; grace: number }): number => {
  if (lot < late) return lateBy
  return lot < late + disordered ? (index * 31) % grace : 0
}
