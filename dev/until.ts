import { setTimeout as pause } from 'node:timers/promises'

export interface Patience {
  /** Milliseconds until it is given up. */
  deadline?: number
  /** Milliseconds between two looks. */
  every?: number
}

/**
 * Looks again and again until `look` gives a value, which it returns. A look that throws or gives `undefined`
 * or `false` is "not yet"; past the deadline the last such error is the cause.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  { deadline = 30_000, every = 50 }: Patience = {},
): Promise<T> {
  const end = Date.now() + deadline
  let cause: unknown
  do {
    try {
      const found = await look()
      if (found !== undefined && found !== false) return found
    } catch (error) {
      if (error instanceof Hopeless) throw error
      cause = error
    }
    await pause(every)
  } while (Date.now() < end)
  throw new Error(`${what}: not within ${deadline / 1000} s`, { cause })
}

/** Thrown by a look that knows that waiting is in vain. */
export class Hopeless extends Error {}
