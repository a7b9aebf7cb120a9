import { murmur2 } from './murmur2.ts'
import { country, deviceType } from './site.ts'

/** One person who visits the site, always with the same device and from the same country. */
export interface Visitor {
  user: string
  /** The user in UTF-8: the key of the visitor's events. */
  key: Uint8Array
  device: string
  country: string
}

/** Visitor number `number`, counted from 0: the same person whatever the seed, so that replicas share a population. */
export const visitor = (number: number): Visitor => {
  const user = `user_${number + 1}`
  const key = Buffer.from(user, 'latin1')
  const hash = murmur2(key)
  return {
    user,
    key,
    device: deviceType((hash & 0xffff) / 0x10000),
    country: country((hash >>> 16) / 0x10000),
  }
}

/**
 * A rank below `count`, low ranks more often: the density falls with rank^(-2/3), a flat Zipf law, so that the
 * most active of 100 visitors does some twenty times as much as the least.
 */
export const rank = (fraction: number, count: number): number =>
  Math.floor(count * fraction * fraction * fraction)
