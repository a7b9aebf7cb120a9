import type { Key } from '../api/kubernetes.ts'
import type { Clock } from './clock.ts'
import { Delays } from './delays.ts'

/** Told of what happens in the queue; durations are milliseconds. */
export interface QueueObserver {
  added(): void
  depth(keys: number): void
  /** A key was handed out after waiting this long. */
  started(waited: number): void
  /** A key's pass took this long. */
  finished(worked: number): void
  retried(): void
}

export interface QueueOptions {
  clock: Clock
  observer?: QueueObserver
}

/** The backoffs of a key since it was last well, and when the newest is over. */
interface Retry {
  failures: number
  due: number
}

const firstBackoff = 5
const longestBackoff = 300_000

/**
 * client-go's work queue (k8s.io/client-go/util/workqueue): a key is in the queue once however often it is added,
 * is never worked on twice at a time, and comes back when it was added during its pass. Delayed adds, where the
 * earlier deadline of a key wins, and a backoff per key of 5 ms · 2ⁿ up to 5 min. Unlike there, namespaces take
 * turns, so that thousands of keys of one delay a single key of another by one pass at most; and a retry that fails
 * before its time, as something else brought the key, is not counted: the backoff grows with the time that a key fails,
 * not with the events that come to it meanwhile, so that it is never much longer than that time.
 */
export class Queue {
  readonly #clock: Clock
  readonly #observer: QueueObserver | undefined
  /** Keys that need a pass, waiting here or for the end of their present pass; with the time of the add. */
  readonly #dirty = new Map<string, number>()
  /** Keys that have a pass now, with its start. */
  readonly #processing = new Map<string, number>()
  /** Keys in line by namespace. A Map remembers insertion: the first namespace is the next to serve. */
  readonly #lines = new Map<string, Key[]>()
  readonly #delays = new Delays()
  readonly #keys = new Map<string, Key>()
  readonly #retries = new Map<string, Retry>()
  /** Until when keys must not have a pass, whatever happens to them: the API server asked for it. */
  readonly #held = new Map<string, number>()
  readonly #takers: ((key: Key | undefined) => void)[] = []
  #timer: { due: number; cancel: () => void } | undefined
  #depth = 0
  #closed = false

  constructor({ clock, observer }: QueueOptions) {
    this.#clock = clock
    this.#observer = observer
  }

  /** Asks for a pass over the key as soon as one of its turn comes. */
  add(key: Key): void {
    const id = idOf(key)
    if (this.#closed || this.#dirty.has(id)) return
    const held = (this.#held.get(id) ?? 0) - this.#clock.now()
    if (held > 0) return this.addAfter(key, held)
    this.#held.delete(id)
    this.#dirty.set(id, this.#clock.now())
    this.#observer?.added()
    if (!this.#processing.has(id)) this.#line(key)
  }

  /** Asks for a pass after `ms`. */
  addAfter(key: Key, ms: number): void {
    if (ms <= 0) return this.add(key)
    if (this.#closed) return
    this.#keys.set(idOf(key), key)
    this.#delays.add(idOf(key), this.#clock.now() + ms)
    this.#arm()
  }

  /**
   * Asks for a pass after the key's backoff, which doubles when the former one is over, or after `atLeast` ms when that
   * is longer; before those are over an add waits, too. Gives the delay.
   */
  retry(key: Key, atLeast = 0): number {
    const delay = Math.max(this.#backOff(idOf(key)), atLeast)
    this.#observer?.retried()
    if (atLeast > 0) this.#hold(key, atLeast)
    this.addAfter(key, delay)
    return delay
  }

  /** Gives the rest of the backoff that is under way, or begins the next. */
  #backOff(id: string): number {
    const now = this.#clock.now()
    const { failures, due } = this.#retries.get(id) ?? { failures: 0, due: now }
    if (due > now) return due - now
    const backoff = Math.min(firstBackoff * 2 ** failures, longestBackoff)
    this.#retries.set(id, { failures: failures + 1, due: now + backoff })
    return backoff
  }

  /** An add during the pass that failed waits, too. */
  #hold(key: Key, ms: number): void {
    this.#held.set(idOf(key), this.#clock.now() + ms)
    if (this.#processing.has(idOf(key))) this.#dirty.delete(idOf(key))
  }

  /** How many backoffs the key has had since it was last forgotten. */
  failures(key: Key): number {
    return this.#retries.get(idOf(key))?.failures ?? 0
  }

  /** The key is well again: its next backoff starts from the beginning. */
  forget(key: Key): void {
    this.#retries.delete(idOf(key))
  }

  /** Waits for the next key, whose pass must end with `done`; undefined when the queue is closed. */
  next(): Promise<Key | undefined> {
    if (this.#closed) return Promise.resolve(undefined)
    const key = this.#take()
    return key ? Promise.resolve(key) : new Promise((resolve) => this.#takers.push(resolve))
  }

  /** The key's pass is over; if it was added meanwhile it goes to the end of the line. */
  done(key: Key): void {
    const id = idOf(key)
    const start = this.#processing.get(id)
    if (start === undefined) return
    this.#processing.delete(id)
    this.#observer?.finished(this.#clock.now() - start)
    if (this.#dirty.has(id) && !this.#closed) this.#line(key)
  }

  /** How many keys are in line, without the delayed ones. */
  get depth(): number {
    return this.#depth
  }

  /** For each key in work, how many milliseconds it has been there. */
  working(): number[] {
    const now = this.#clock.now()
    return [...this.#processing.values()].map((start) => now - start)
  }

  /** Hands out nothing more, forgets the delays and releases who waits. */
  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#timer = undefined
    this.#lines.clear()
    this.#depth = 0
    for (const taker of this.#takers.splice(0)) taker(undefined)
  }

  #line(key: Key): void {
    const line = this.#lines.get(key.namespace)
    if (line) line.push(key)
    else this.#lines.set(key.namespace, [key])
    this.#depth += 1
    this.#observer?.depth(this.#depth)
    const taker = this.#takers.shift()
    if (taker) taker(this.#take())
  }

  #take(): Key | undefined {
    const [namespace, line] = this.#lines.entries().next().value ?? []
    const key = line?.shift()
    if (namespace === undefined || !line || !key) return undefined
    this.#lines.delete(namespace)
    if (line.length > 0) this.#lines.set(namespace, line)
    this.#start(idOf(key))
    return key
  }

  #start(id: string): void {
    const now = this.#clock.now()
    this.#depth -= 1
    this.#observer?.depth(this.#depth)
    this.#observer?.started(now - (this.#dirty.get(id) ?? now))
    this.#dirty.delete(id)
    this.#processing.set(id, now)
  }

  /** One timer, set for the earliest delay. */
  #arm(): void {
    const due = this.#delays.next()
    if (due === undefined || (this.#timer && this.#timer.due <= due)) return
    this.#timer?.cancel()
    const cancel = this.#clock.after(Math.max(0, due - this.#clock.now()), () => this.#release())
    this.#timer = { due, cancel }
  }

  #release(): void {
    this.#timer = undefined
    for (const id of this.#delays.take(this.#clock.now())) {
      const key = this.#keys.get(id)
      this.#keys.delete(id)
      if (key) this.add(key)
    }
    this.#arm()
  }
}

/** The key as text: `namespace/name`. */
export const idOf = ({ namespace, name }: Key): string => `${namespace}/${name}`
