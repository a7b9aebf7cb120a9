import { complaint } from './complaint.ts'
import { LogFault } from './log.ts'
import type { Clock, Health, Logger } from './role.ts'

const second = 1_000
const firstBackoff = 100
const longestBackoff = 5 * second
/** Somebody else is at work: look again after this time, longer than a group needs to drop who is gone. */
const giveWayFor = 15 * second
/** So many unexpected errors in a row are a defect, which a new process may not have. */
const mostDefects = 5

/** Going on would give wrong results: a person has to decide. Says what is wrong and what to do. */
export class Halt extends Error {
  override readonly name = 'Halt'
}

/** Faults of the log that come again however often it is tried, until a person has done something. */
export const isFinal = ({ reason }: LogFault): boolean =>
  reason === 'OffsetOutOfRange' || reason === 'Unsupported'

/** Somebody else does this work, with more right to it. */
export class GiveWay extends Error {
  override readonly name = 'GiveWay'
}

/** What an attempt is given. */
export interface Attempt {
  /** Aborted when the work is not ours any more. */
  signal: AbortSignal
  /** To be called once the work has begun. */
  started: () => void
  /** To be called when something was achieved: the next error is the first of its kind again. */
  achieved: () => void
}

/** Work that is tried again after every error, with nothing kept between the attempts. */
export interface Hold {
  /** Tries now if somebody else was given way to. */
  wake(): void
  /** Ends the work. Resolves when it has ended. */
  stop(): Promise<void>
  working(): boolean
  health(): Health
}

interface HoldOptions {
  /** What the work is called in logs and health. */
  name: string
  /** Resolves after its signal is aborted; rejects on any error. */
  attempt: (attempt: Attempt) => Promise<void>
  clock: Clock
  logger: Logger
}

class Holding implements Hold {
  readonly #options: HoldOptions
  readonly #ended = new AbortController()
  readonly #done: Promise<void>
  #woken = new AbortController()
  #working = false
  #backoff = firstBackoff
  #defects = 0
  #halted: string | undefined

  constructor(options: HoldOptions) {
    this.#options = options
    this.#done = this.#run()
  }

  wake(): void {
    this.#woken.abort()
  }

  async stop(): Promise<void> {
    this.#ended.abort()
    await this.#done
  }

  working(): boolean {
    return this.#working
  }

  health(): Health {
    const { name } = this.#options
    if (this.#halted !== undefined) return { ok: false, why: `${name}: ${this.#halted}` }
    if (this.#defects >= mostDefects) return { ok: false, why: `${name} fails again and again` }
    return { ok: true, why: `${name} goes on` }
  }

  async #run(): Promise<void> {
    const { name, attempt, logger } = this.#options
    const { signal } = this.#ended
    const trouble = complaint(logger, 'work is interrupted and tried again', { work: name })
    const started = (): void => {
      this.#working = true
    }
    const achieved = (): void => {
      this.#backoff = firstBackoff
      this.#defects = 0
      trouble.over()
    }
    while (!signal.aborted) {
      try {
        await attempt({ signal, started, achieved })
      } catch (error) {
        this.#working = false
        if (!signal.aborted) await this.#recover(error, (reason) => trouble.about(reason))
      }
    }
    this.#working = false
  }

  async #recover(error: unknown, complain: (error: unknown) => void): Promise<void> {
    const { name, clock, logger } = this.#options
    const { signal } = this.#ended
    if (error instanceof Halt) {
      this.#halted = error.message
      logger.error({ work: name, err: error }, 'work is stopped: a person has to decide')
      await aborted(signal)
    } else if (error instanceof GiveWay || (error instanceof LogFault && error.reason === 'Fenced')) {
      logger.info({ work: name, problem: error.message }, 'somebody else does this work')
      this.#woken = new AbortController()
      await clock.sleep(giveWayFor, AbortSignal.any([signal, this.#woken.signal]))
    } else {
      complain(error)
      if (!(error instanceof LogFault)) this.#defects += 1
      await clock.sleep(this.#backoff, signal)
      this.#backoff = Math.min(2 * this.#backoff, longestBackoff)
    }
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** Begins the work, and keeps it going until it is stopped. */
export const hold = (options: HoldOptions): Hold => new Holding(options)
