import type { Hash } from './hash.ts'
import type { Hashes } from './hashes.ts'

/** Bits of a hash that choose the register; 2^14 registers give a standard error of 0.81 %. */
const precision = 14
export const registerCount = 1 << precision
/** Bits of a hash that are left for the rank. */
const rest = 64 - precision

/**
 * HyperLogLog (Flajolet, Fusy, Gandouet, Meunier 2007) over 64-bit hashes: each register keeps the highest rank
 * (leading zeros of the remaining bits, plus one) it has seen.
 */
const observe = (registers: Uint8Array, { high, low }: Hash): void => {
  const index = high >>> (32 - precision)
  const upper = (high << precision) >>> 0
  const zeros = upper === 0 ? 32 - precision + Math.clz32(low) : Math.clz32(upper)
  const rank = Math.min(zeros, rest) + 1
  if (rank > (registers[index] ?? 0)) registers[index] = rank
}

/** Lets registers observe hashes from a place on. */
export const observeFrom = (place: number, registers: Uint8Array, { words, end }: Hashes): void => {
  const hash = { high: 0, low: 0 }
  for (let at = place; at < end; at += 2) {
    hash.high = words[at] ?? 0
    hash.low = words[at + 1] ?? 0
    if (hash.high !== 0 || hash.low !== 0) observe(registers, hash)
  }
}

/** Takes the higher of each pair of registers into the first. */
export const mergeRegisters = (into: Uint8Array, from: Uint8Array): void => {
  for (let index = 0; index < registerCount; index += 1) {
    const rank = from[index] ?? 0
    if (rank > (into[index] ?? 0)) into[index] = rank
  }
}

const sigma = (start: number): number => {
  if (start === 1) return Infinity
  let [x, y, z, before] = [start, 1, start, -1]
  while (z !== before) {
    x *= x
    before = z
    z += x * y
    y += y
  }
  return z
}

const tau = (start: number): number => {
  if (start === 0 || start === 1) return 0
  let [x, y, z, before] = [start, 1, 1 - start, -1]
  while (z !== before) {
    x = Math.sqrt(x)
    before = z
    y *= 0.5
    z -= (1 - x) ** 2 * y
  }
  return z / 3
}

/**
 * The number of distinct hashes: the improved raw estimator of Otmar Ertl, "New cardinality estimation algorithms
 * for HyperLogLog sketches" (2017, algorithm 6), which needs no tables against bias.
 */
export const estimate = (registers: Uint8Array): number => {
  const histogram = new Float64Array(rest + 2)
  for (const rank of registers) histogram[rank] = (histogram[rank] ?? 0) + 1
  const m = registerCount
  let z = m * tau(1 - (histogram[rest + 1] ?? 0) / m)
  for (let rank = rest; rank >= 1; rank -= 1) z = 0.5 * (z + (histogram[rank] ?? 0))
  z += m * sigma((histogram[0] ?? 0) / m)
  return Math.round((m * m) / (2 * Math.LN2 * z))
}
