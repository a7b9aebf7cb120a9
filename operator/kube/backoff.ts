export interface BackoffOptions {
  /** Milliseconds that only grow. */
  now: () => number
  /** Uniform in [0, 1). */
  random: () => number
}

const first = 800
const longest = 30_000
const healthyAfter = 120_000

/**
 * The backoff of client-go's reflector: 0.8 s, doubled at each call up to 30 s, stretched by up to its own length so
 * that many clients do not come back at once, never above 30 s; from the start again when the last call is two
 * minutes ago. Gives the next delay in milliseconds.
 */
export const reflectorBackoff = ({ now, random }: BackoffOptions): (() => number) => {
  let delay = first
  let last = -Infinity
  return () => {
    if (now() - last > healthyAfter) delay = first
    const next = Math.min(delay * (1 + random()), longest)
    delay = Math.min(delay * 2, longest)
    last = now() + next
    return next
  }
}
