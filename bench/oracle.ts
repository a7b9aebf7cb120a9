import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { ClickEvent } from '../runtime/event.ts'

const counts = z.record(z.string(), z.int())
/** What each contestant publishes of a window. */
const Result = z.object({
  window_start: z.iso.datetime().transform((text) => Date.parse(text)),
  total_events: z.int(),
  unique_users: z.int(),
  unique_sessions: z.int(),
  event_types: counts,
  devices: counts,
  top_referrers: counts,
  top_pages: counts,
  avg_duration_ms: z.int(),
})
type Result = z.output<typeof Result>

/** All there is to know about the events of one window. */
interface Truth {
  events: number
  duration: number
  users: Set<string>
  sessions: Set<string>
  named: Record<'event_type' | 'device_type' | 'referrer' | 'page_url', Map<string, number>>
}

/** Counts the events again, from the generator and in the plainest way, and judges results by that. */
export class Oracle {
  readonly #size: number
  readonly #windows = new Map<number, Truth>()

  /** `size` of the tumbling windows, in milliseconds. */
  constructor(size: number) {
    this.#size = size
  }

  /** Takes an event of time `time`, milliseconds since the epoch. */
  count(time: number, event: ClickEvent): void {
    const start = Math.floor(time / this.#size) * this.#size
    const truth = this.#windows.get(start) ?? noEvents()
    this.#windows.set(start, truth)
    truth.events += 1
    truth.duration += event.duration_ms
    truth.users.add(event.user_id)
    truth.sessions.add(event.session_id)
    for (const name of ['event_type', 'device_type', 'referrer', 'page_url'] as const) {
      const counted = truth.named[name]
      counted.set(event[name], (counted.get(event[name]) ?? 0) + 1)
    }
  }

  /** How many windows have events. */
  get windows(): number {
    return this.#windows.size
  }

  /** The end of the last of them, milliseconds since the epoch. */
  get end(): number {
    return Math.max(...this.#windows.keys()) + this.#size
  }

  /** Whether a result is of a window that has events. */
  knows(result: unknown): boolean {
    return this.#windows.has(Result.parse(result).window_start)
  }

  /** What is wrong with the results; those of windows after the last event are of no interest. */
  problems(results: readonly unknown[]): string[] {
    const given = results
      .map((result) => Result.parse(result))
      .filter(({ window_start }) => window_start < this.end)
    const starts = given.map(({ window_start }) => window_start)
    const twice = starts.filter((start, index) => starts.indexOf(start) !== index)
    const missing = [...this.#windows.keys()].filter((start) => !starts.includes(start))
    return [
      ...twice.map((start) => `${name(start)} came twice`),
      ...missing.map((start) => `${name(start)} is missing`),
      ...given.flatMap((result) => this.#differences(result)),
    ]
  }

  #differences(given: Result): string[] {
    const truth = this.#windows.get(given.window_start)
    if (truth === undefined) return [`${name(given.window_start)} has no events`]
    const fields = new Map<string, unknown>(Object.entries(given))
    return Object.entries(resultOf(truth)).flatMap(([field, expected]) => {
      const found = fields.get(field)
      if (isDeepStrictEqual(found, expected)) return []
      return [
        `${name(given.window_start)}: ${field} is ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`,
      ]
    })
  }
}

const noEvents = (): Truth => ({
  events: 0,
  duration: 0,
  users: new Set(),
  sessions: new Set(),
  named: { event_type: new Map(), device_type: new Map(), referrer: new Map(), page_url: new Map() },
})

const name = (start: number): string => `window ${new Date(start).toISOString()}`

const resultOf = ({ events, duration, users, sessions, named }: Truth): Omit<Result, 'window_start'> => ({
  total_events: events,
  unique_users: users.size,
  unique_sessions: sessions.size,
  event_types: Object.fromEntries(named.event_type),
  devices: Object.fromEntries(named.device_type),
  top_referrers: highest(named.referrer, 3),
  top_pages: highest(named.page_url, 5),
  avg_duration_ms: Math.floor((2 * duration + events) / (2 * events)),
})

/** The `most` highest counts; of equal ones the name that comes first. */
const highest = (all: Map<string, number>, most: number): Record<string, number> => {
  const rows = [...all].sort(([a], [b]) => (a < b ? -1 : 1)).sort(([, x], [, y]) => y - x)
  return Object.fromEntries(rows.slice(0, most))
}
