import type { ClickEvent } from '../../runtime/event.ts'

/** Counts of one window, as the kafkajs peer holds them. */
class Window {
  events = 0
  duration = 0
  readonly users = new Set<string>()
  readonly sessions = new Set<string>()
  readonly eventTypes = new Map<string, number>()
  readonly devices = new Map<string, number>()
  readonly referrers = new Map<string, number>()
  readonly pages = new Map<string, number>()

  count(event: ClickEvent): void {
    this.events += 1
    this.duration += event.duration_ms
    this.users.add(event.user_id)
    this.sessions.add(event.session_id)
    increment(this.eventTypes, event.event_type)
    increment(this.devices, event.device_type)
    increment(this.referrers, event.referrer)
    increment(this.pages, event.page_url)
  }

  result(start: number) {
    return {
      window_start: new Date(start).toISOString(),
      total_events: this.events,
      unique_users: this.users.size,
      unique_sessions: this.sessions.size,
      event_types: top(this.eventTypes),
      devices: top(this.devices),
      top_referrers: top(this.referrers, 3),
      top_pages: top(this.pages, 5),
      avg_duration_ms: Math.round(this.duration / this.events),
    }
  }
}

const increment = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

/** The highest counts, ties by name. */
const top = (counts: Map<string, number>, most = Infinity): Record<string, number> =>
  Object.fromEntries([...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, most))

/** Windows of event time over all partitions: a window ends when every partition has passed it by `grace`. */
export class Windows {
  readonly #size: number
  readonly #grace: number
  readonly #newest: number[]
  readonly #open = new Map<number, Window>()
  #closed = -Infinity

  constructor({ size, grace, partitions }: { size: number; grace: number; partitions: number }) {
    this.#size = size
    this.#grace = grace
    this.#newest = Array.from({ length: partitions }, () => -Infinity)
  }

  count(partition: number, event: ClickEvent): void {
    const time = Date.parse(event.timestamp)
    if (time > (this.#newest[partition] ?? -Infinity)) this.#newest[partition] = time
    const start = time - (time % this.#size)
    if (start < this.#closed) return
    let window = this.#open.get(start)
    if (window === undefined) this.#open.set(start, (window = new Window()))
    window.count(event)
  }

  /** The results of the windows that ended since the last call, in order. */
  close() {
    const watermark = Math.min(...this.#newest) - this.#grace
    this.#closed = Math.max(this.#closed, Math.floor(watermark / this.#size) * this.#size)
    const ended = [...this.#open].filter(([start]) => start < this.#closed).sort(([a], [b]) => a - b)
    for (const [start] of ended) this.#open.delete(start)
    return ended.map(([start, window]) => window.result(start))
  }
}
