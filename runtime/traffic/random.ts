import { murmur2 } from './murmur2.ts'

/** A stream of pseudo-random numbers; the same seed gives the same stream on every machine. */
export interface Random {
  /** A whole number from 0 to 2³² − 1. */
  word(): number
  /** A fraction in [0, 1). */
  fraction(): number
}

const rotated = (x: number, by: number): number => (x << by) | (x >>> (32 - by))

/** xoshiro128** by David Blackman and Sebastiano Vigna, its state drawn from the text `seed`. */
export const randomFrom = (seed: string): Random => {
  const encoder = new TextEncoder()
  const state = (part: string): number => murmur2(encoder.encode(`${part}/${seed}`))
  let a = state('a')
  let b = state('b')
  let c = state('c')
  // A state of all zeros would stay so for ever.
  let d = state('d') | 1
  const word = (): number => {
    const result = Math.imul(rotated(Math.imul(b, 5), 7), 9)
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotated(d, 11)
    return result >>> 0
  }
  return { word, fraction: () => word() / 2 ** 32 }
}
