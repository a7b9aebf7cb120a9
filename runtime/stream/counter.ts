import type { Table } from './table.ts'

/** Names counted exactly in one table. */
const mostNames = 10_000
/** Characters of all names in one table together: 100 for each name, so that memory is bounded too. */
const mostCharacters = 1_000_000

/** Names that have numbers. */
export interface NumberedNames {
  text(number: number): string
}

const unnumbered = new Int32Array(0)
/** The least room that is made for numbers beyond those known. */
const fewNumbers = 64

/**
 * Counts by name, exact up to a bound of names and of their characters. Names that come later are counted
 * together: the sum over everything always stays exact.
 */
export class Counter {
  /** Where the count of each name stands, in the order in which they came. */
  readonly #places = new Map<string, number>()
  #counts: number[] = []
  readonly #mostNames: number
  /** Of numbered names: the number of the place plus one, 0 where it is not known, -1 where there is none. */
  #numbered: Int32Array = unnumbered
  #names: NumberedNames | undefined
  #characters = 0
  #others = 0

  constructor(most = mostNames) {
    this.#mostNames = most
  }

  /** How often names came that had no place of their own. */
  get others(): number {
    return this.#others
  }

  get overflow(): boolean {
    return this.#others > 0
  }

  add(name: string, count = 1): void {
    const place = this.#places.get(name)
    if (place === undefined) this.#place(name, count)
    else this.#counts[place] = (this.#counts[place] ?? 0) + count
  }

  /** Counts the names whose numbers are a column; -1 is none. A number is looked up when it comes for the first time. */
  addColumn({ words, first, end, step }: Table, column: number, names: NumberedNames): void {
    if (names !== this.#names) this.#forgetNumbers(names)
    let numbered = this.#numbered
    const counts = this.#counts
    for (let at = first + column; at < end; at += step) {
      const number = words[at] ?? 0
      const place = number >>> 0 < numbered.length ? (numbered[number] ?? 0) : 0
      if (place > 0) counts[place - 1] = (counts[place - 1] ?? 0) + 1
      else if (place < 0) this.#others += 1
      else if (number >= 0) numbered = this.#learn(number, names)
    }
  }

  addOthers(count: number): void {
    this.#others += count
  }

  merge(other: Counter): void {
    for (const [name, count] of other.entries()) this.add(name, count)
    this.#others += other.#others
  }

  /** Takes all names out. */
  clear(): void {
    this.#places.clear()
    this.#counts = []
    this.#numbered.fill(0)
    this.#characters = 0
    this.#others = 0
  }

  /** Names and their counts in turn, in one list. */
  flat(): (string | number)[] {
    const list: (string | number)[] = []
    for (const [name, place] of this.#places) list.push(name, this.#counts[place] ?? 0)
    return list
  }

  *entries(): IterableIterator<[string, number]> {
    for (const [name, place] of this.#places) yield [name, this.#counts[place] ?? 0]
  }

  #forgetNumbers(names: NumberedNames): void {
    this.#names = names
    this.#numbered = unnumbered
  }

  /** Counts a name by a number whose place is not known, and gives the numbers as they are now known. */
  #learn(number: number, names: NumberedNames): Int32Array {
    if (number >= this.#numbered.length) {
      const known = this.#numbered
      this.#numbered = new Int32Array(2 ** Math.ceil(Math.log2(number + fewNumbers)))
      this.#numbered.set(known)
    }
    const name = names.text(number)
    this.add(name)
    const place = this.#places.get(name)
    this.#numbered[number] = place === undefined ? -1 : place + 1
    return this.#numbered
  }

  #place(name: string, count: number): void {
    const characters = this.#characters + name.length
    if (this.#counts.length >= this.#mostNames || characters > mostCharacters) {
      this.#others += count
      return
    }
    this.#places.set(name, this.#counts.push(count) - 1)
    this.#characters = characters
  }
}
