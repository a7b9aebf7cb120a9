import type { Logger } from 'pino'
import { type Clock, pause } from '../reconcile/clock.ts'
import { Backoff } from './backoff.ts'
import { linesOf, type Page, parseEvent, type TypeMeta } from './events.ts'
import { StatusFault, unreachable } from './fault.ts'
import type { Change, Store } from './store.ts'

export type Query = Record<string, string | undefined>

/** Where the objects of a kind come from. Both throw a StatusFault. */
export interface Source extends TypeMeta {
  list(query: Query, signal: AbortSignal): Promise<Page>
  /** The watch's text. */
  watch(query: Query, signal: AbortSignal): Promise<AsyncIterable<string>>
}

export interface ReflectorOptions {
  source: Source
  store: Store
  /** Told of each change after the store has it. Does not throw. */
  changed: (change: Change) => void
  clock: Clock
  /** Uniform in [0, 1). */
  random: () => number
  logger: Logger
  /** A sentence for a fault, with what to do. */
  explain: (fault: StatusFault, verb: 'list' | 'watch') => string
}

const pageSize = 500
/**
 * Seconds that the server may keep a watch open; up to twice as long, random, so that watches do not all end at once.
 * Short, for a watch can fall silent on a connection that lives, and nothing tells that from one without events but
 * that the server does not end it: with the slack and the backoff that is known within a minute. Right before the end
 * comes a bookmark, so nothing is told twice, and for each kind it is one request in half a minute.
 */
const shortestWatch = 24
/** Milliseconds by which a watch may outlive the time we asked for. */
const slack = 8_000
/**
 * A watch that ends well but earlier than this, in milliseconds, is followed by a backoff: some servers close at once.
 * One that was open as long shows that the server is well, and ends the growth of the backoff.
 */
const shortWatch = 5_000
const silent = 'the watch did not end in its time; a proxy or balancer may have dropped it'
/** The loop takes a step at least this often, in milliseconds: a watch with its slack, a backoff, a page of a list. */
const longestStep = 2 * shortestWatch * 1000 + slack + 120_000

/**
 * Keeps a store equal to the cluster, after client-go's Reflector: lists, then watches from the list's version, and
 * goes on at the last version it saw when the watch ends. Nothing but `stop` ends it.
 *
 * Unlike there, each list asks for the newest state (no resourceVersion) instead of any cached one: an API server that
 * lags behind would show us pipelines that are deleted, and we would make their children again. Since 1.31 that
 * costs the server no more, as its cache answers. That a connection is dead is noticed in connection.ts.
 */
export class Reflector {
  readonly #options: ReflectorOptions
  readonly #stop = new AbortController()
  readonly #backoff: Backoff
  readonly #over: Promise<void>
  #version: string | undefined
  #lastStep: number
  #problem: string | undefined
  #markSynced: () => void = () => {}
  /** Resolves when the first list is in the store. */
  readonly synced = new Promise<void>((resolve) => (this.#markSynced = resolve))
  hasSynced = false

  constructor(options: ReflectorOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.random)
    this.#lastStep = options.clock.now()
    this.#over = this.#run()
  }

  /** What keeps it from being current, in a sentence; undefined when nothing does. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** Whether the loop is alive; an API server that cannot be reached does not make it unhealthy. `now` is of its clock. */
  healthy(now: number): boolean {
    return now - this.#lastStep <= longestStep
  }

  /** Ends it; nothing of it is left when the promise resolves. */
  stop(): Promise<void> {
    this.#stop.abort()
    return this.#over
  }

  async #run(): Promise<void> {
    const { clock } = this.#options
    while (!this.#stop.signal.aborted) {
      this.#lastStep = clock.now()
      const wait = await this.#round()
      if (wait > 0) await pause(clock, wait, this.#stop.signal)
    }
  }

  /** A list if need be and a watch; gives the milliseconds to wait before the next. Never rejects. */
  async #round(): Promise<number> {
    const { clock } = this.#options
    let verb: 'list' | 'watch' = 'list'
    try {
      if (this.#version === undefined) await this.#list()
      verb = 'watch'
      const start = clock.now()
      await this.#watch()
      return clock.now() - start < shortWatch ? this.#backoff.next() : 0
    } catch (error) {
      if (this.#stop.signal.aborted) return 0
      return this.#failed(unreachable(`${verb} of ${this.#options.source.kind}`, error), verb)
    }
  }

  #failed(fault: StatusFault, verb: 'list' | 'watch'): number {
    const { logger, explain, source } = this.#options
    const wait = Math.max(this.#backoff.next(), fault.retryAfter ?? 0)
    if (fault.code === 410 || isGarbled(fault)) {
      this.#version = undefined
      logger.info({ kind: source.kind, reason: fault.message }, 'listing again')
      return wait
    }
    const problem = explain(fault, verb)
    if (problem !== this.#problem) logger.warn({ kind: source.kind, verb, err: fault }, problem)
    this.#problem = problem
    return wait
  }

  async #list(): Promise<void> {
    const { source, store } = this.#options
    const first = await this.#page({ limit: String(pageSize) })
    const objects = [...first.objects]
    let { version } = first
    for (let { continue: token } = first; token;) {
      const page = await this.#page({ limit: String(pageSize), continue: token }).catch((error: unknown) => {
        if (error instanceof StatusFault && error.code === 410) return undefined // the token has expired
        throw error
      })
      if (!page) {
        const all = await this.#page({})
        objects.splice(0, Infinity, ...all.objects)
        version = all.version
        break
      }
      objects.push(...page.objects)
      token = page.continue
    }
    for (const change of store.replace(objects, version)) this.#options.changed(change)
    this.#version = version
    this.hasSynced = true
    this.#markSynced()
    this.#options.logger.debug({ kind: source.kind, objects: objects.length, version }, 'listed')
  }

  async #page(query: Query): Promise<Page> {
    this.#lastStep = this.#options.clock.now()
    const page = await this.#options.source.list(query, this.#stop.signal)
    this.#stop.signal.throwIfAborted()
    return page
  }

  async #watch(): Promise<void> {
    const { source, clock, random } = this.#options
    const seconds = Math.floor(shortestWatch * (1 + random()))
    const end = new AbortController()
    const abort = () => end.abort()
    const cancel = clock.after(seconds * 1000 + slack, () => end.abort(new Error(silent)))
    this.#stop.signal.addEventListener('abort', abort)
    let open = Infinity
    try {
      const query = {
        watch: 'true',
        allowWatchBookmarks: 'true',
        resourceVersion: this.#version,
        timeoutSeconds: String(seconds),
      }
      const text = await source.watch(query, end.signal)
      open = clock.now()
      this.#well()
      for await (const line of linesOf(text)) this.#see(line)
    } finally {
      if (clock.now() - open >= shortWatch) this.#backoff.reset()
      cancel()
      this.#stop.signal.removeEventListener('abort', abort)
      end.abort() // also when we leave it because of an event
    }
  }

  #well(): void {
    const { logger, source } = this.#options
    if (this.#problem !== undefined) logger.info({ kind: source.kind }, 'watching again')
    this.#problem = undefined
  }

  #see(line: string): void {
    const { source, store, changed } = this.#options
    const event = parseEvent(line, source)
    if (event.type === 'ERROR') throw event.fault
    if (event.type === 'BOOKMARK') {
      this.#version = event.version
      return store.reach(event.version)
    }
    const change = store.see(event.type, event.object)
    this.#version = event.object.metadata.resourceVersion
    if (change) changed(change)
  }
}

/** A line or a list that could not be parsed: what we know may be wrong. */
const isGarbled = ({ cause }: StatusFault): boolean =>
  cause instanceof SyntaxError || cause instanceof TypeError
