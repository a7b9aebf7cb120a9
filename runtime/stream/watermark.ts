/** Longest time between two fetches without news that still counts as watching: longer ones missed what came. */
const longestGap = 5_000

/**
 * How far event time has come in one partition, in milliseconds since the epoch: the newest event minus grace, or,
 * when fetches have succeeded and brought nothing new for `idleTimeout`, the clock minus grace minus `idleTimeout`.
 * A broker that fails or does not answer makes no progress: silence counts only while fetches come back. An answer may
 * be looked at long after it was given: it speaks for the time when it was asked for, that of the answer before.
 */
export class Watermark {
  readonly #grace: number
  readonly #idleTimeout: number
  #newest: number
  /** The silence that goes on; NaN while there is none. */
  #quietSince = NaN
  #quietUntil = NaN
  #answered = -Infinity

  constructor(options: { grace: number; idleTimeout: number; newest: number }) {
    this.#grace = options.grace
    this.#idleTimeout = options.idleTimeout
    this.#newest = options.newest
  }

  /** The newest event time so far; minus infinity before the first event. */
  get newest(): number {
    return this.#newest
  }

  /** An event that was counted. */
  observe(eventTime: number): void {
    if (eventTime > this.#newest) this.#newest = eventTime
  }

  /** A fetch succeeded at `now`: with news, or at the end of the log with nothing new. */
  fetched(now: number, { news }: { news: boolean }): void {
    const asked = this.#answered
    this.#answered = now
    if (news) this.#quietSince = NaN
    else if (Number.isNaN(this.#quietSince) || now - asked > longestGap || now < asked) {
      this.#quietSince = now
      this.#quietUntil = now
    } else this.#quietUntil = asked
  }

  /** The watermark. */
  value(): number {
    const idle = this.#quietUntil - this.#quietSince >= this.#idleTimeout
    const fromClock = idle ? this.#quietUntil - this.#grace - this.#idleTimeout : -Infinity
    return Math.max(this.#newest - this.#grace, fromClock)
  }
}
