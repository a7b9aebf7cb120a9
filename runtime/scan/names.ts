import { bytesAt } from '../span.ts'
import type { Cursor } from './cursor.ts'

/** Names that are remembered; those of a pane are 10,000 at most. */
const places = 16_384
/** Places that a name may take, beginning with the one that its hash tells. */
const neighbours = 4
/** Longer names, in bytes, are not remembered: an address with a query may be long, and is seldom seen again. */
const longest = 256

interface Name<T> {
  hash: number
  length: number
  /** The bytes, four in each, the last ones filled up with zeros. */
  words: Int32Array
  text: T
}

/** A table without names, to be copied: that is far quicker than to make one. */
const vacant: undefined[] = Array.from({ length: places })

const decoder = new TextDecoder()

/** A hash that only places names: they are compared byte by byte. */
const hashOf = ({ view, from, length, tail }: Cursor): number => {
  const end = from + (length & ~3)
  let hash = Math.imul(tail ^ (length << 24), 0x9e3779b1)
  for (let at = from; at < end; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e3779b1)
    hash ^= hash >>> 15
  }
  return hash ^ (hash >>> 17)
}

/**
 * The texts of names that stand in the bytes of events, each made once as long as it is remembered. A new name takes
 * the place of an old one when there is no other, so what is remembered is bounded, and so is the time to look it up.
 */
export class Names<T extends string> {
  readonly #names: (Name<T> | undefined)[] = vacant.slice()
  readonly #admit: (text: string) => T | undefined
  #victim = 0

  /** `admit` tells which texts are names at all; it must always answer the same. */
  constructor(admit: (text: string) => T | undefined) {
    this.#admit = admit
  }

  /** The text that the cursor has just passed, undefined when it is not admitted. */
  read(cursor: Cursor): T | undefined {
    const hash = hashOf(cursor)
    const first = hash & (places - neighbours)
    for (let place = first; place < first + neighbours; place += 1) {
      const name = this.#names[place]
      if (name === undefined) break
      if (name.hash === hash && name.length === cursor.length && isAt(name.words, cursor)) return name.text
    }
    return this.#learn(cursor, hash)
  }

  #learn(cursor: Cursor, hash: number): T | undefined {
    const { view, from, length, tail } = cursor
    const text = this.#admit(decoder.decode(bytesAt(cursor)))
    if (text === undefined || length > longest) return text
    const words = Int32Array.from({ length: (length >> 2) + 1 }, (_, index) =>
      index === length >> 2 ? tail : view.getInt32(from + 4 * index, true),
    )
    const first = hash & (places - neighbours)
    this.#victim = (this.#victim + 1) % neighbours
    let place = first + this.#victim
    for (let free = first; free < first + neighbours; free += 1)
      if (this.#names[free] === undefined) {
        place = free
        break
      }
    this.#names[place] = { hash, length, words, text }
    return text
  }
}

const isAt = (words: Int32Array, { view, from, tail }: Cursor): boolean => {
  const last = words.length - 1
  for (let index = 0; index < last; index += 1)
    if (view.getInt32(from + 4 * index, true) !== words[index]) return false
  return words[last] === tail
}
