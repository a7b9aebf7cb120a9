import { connect } from '../runtime/kafka/log.ts'
import type { Log, Message } from '../runtime/roles/log.ts'
import { eventText } from '../runtime/traffic/encode.ts'
import { partitionOf } from '../runtime/traffic/murmur2.ts'
import { events, type EventsOptions } from './events.ts'
import { Oracle } from './oracle.ts'

/** Windows that everyone counts, in milliseconds. */
export const window = { size: 10_000, grace: 10_000 }
export const partitions = 6

/** A topic full of events, and the truth about them. */
export interface Loaded {
  topic: string
  /** Records: the events, and one more in each partition. */
  records: number
  /** Bytes of the events' values together. */
  bytes: number
  oracle: Oracle
}

/** Records of one batch. */
const batchSize = 1_000

/** Writes to one partition in order, and waits for the log when it is some batches behind. */
class Row {
  readonly #write: (messages: readonly Message[]) => Promise<unknown>
  #messages: Message[] = []
  #underWay: Promise<unknown>[] = []

  constructor(log: Log, topic: string, partition: number) {
    this.#write = (messages) => log.append({ topic, partition, messages })
  }

  /** Undefined, or a promise that must be awaited before more is put. */
  put(message: Message): Promise<unknown> | undefined {
    this.#messages.push(message)
    if (this.#messages.length < batchSize) return undefined
    this.#underWay.push(this.#write(this.#messages))
    this.#messages = []
    return this.#underWay.length < 4 ? undefined : this.#underWay.shift()
  }

  async end(): Promise<void> {
    if (this.#messages.length > 0) this.#underWay.push(this.#write(this.#messages))
    await Promise.all(this.#underWay)
  }
}

/** Time of the first event: any, as long as it is past. */
const start = Date.UTC(2026, 0, 31, 12)

/**
 * Fills a topic by the runtime's own encoder. At the end each partition gets one event that lies beyond all windows, so
 * that everyone closes them by the events' time and nobody has to wait for a clock.
 */
export const load = async (
  brokers: string,
  topic: string,
  options: Omit<EventsOptions, 'start'>,
): Promise<Loaded> => {
  const log = await connect({ bootstrapServers: brokers, clientId: 'bench' })
  const oracle = new Oracle(window.size)
  const rows = Array.from({ length: partitions }, (_, partition) => new Row(log, topic, partition))
  const homes = new Map<string, { key: Buffer; row: Row | undefined }>()
  const homeOf = (user: string) => {
    const key = Buffer.from(user, 'latin1')
    const home = { key, row: rows[partitionOf(key, partitions)] }
    homes.set(user, home)
    return home
  }
  let bytes = 0
  let last: Message | undefined
  for (const { time, event } of events({ ...options, start })) {
    oracle.count(time, event)
    const { key, row } = homes.get(event.user_id) ?? homeOf(event.user_id)
    const value = Buffer.from(eventText(event), 'latin1')
    bytes += value.length
    last = { key, value, timestamp: time }
    await row?.put(last)
  }
  const timestamp = oracle.end + window.grace + window.size
  const beyond = String(last?.value).replace(
    /"timestamp":"[^"]*"/,
    `"timestamp":"${new Date(timestamp).toISOString()}"`,
  )
  for (const row of rows) {
    await row.put({ key: null, value: Buffer.from(beyond), timestamp })
    await row.end()
  }
  await log.close()
  return { topic, records: options.count + partitions, bytes, oracle }
}
