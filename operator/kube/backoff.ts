const first = 800
const longest = 15_000

/**
 * The backoff of client-go's reflector: 0.8 s, doubled at each call, stretched by up to its own length so that many
 * clients do not come back at once. Never above 15 s instead of 30: a cluster has one operator with a few watches, not
 * thousands of kubelets. There it begins anew after two minutes without a call; here the caller says when it was well,
 * for otherwise a server that refuses half of all requests is soon left alone though each second try would succeed.
 */
export class Backoff {
  readonly #random: () => number
  #delay = first

  /** `random` is uniform in [0, 1). */
  constructor(random: () => number) {
    this.#random = random
  }

  /** The next delay in milliseconds. */
  next(): number {
    const next = Math.min(this.#delay * (1 + this.#random()), longest)
    this.#delay = Math.min(this.#delay * 2, longest)
    return next
  }

  /** The next delay is the first again. */
  reset(): void {
    this.#delay = first
  }
}
