import type { Run } from './run.ts'

/** Names counted exactly in one table. */
const mostNames = 10_000
/** Characters of all names in one table together: 100 for each name, so that memory is bounded too. */
const mostCharacters = 1_000_000

/** Names that have numbers. */
export interface NumberedNames {
  text(number: number): string
}

const nobody: NumberedNames = { text: () => '' }
/** The least room that is made for numbers beyond those known. */
const fewNumbers = 64

/**
 * Counts by name, exact up to a bound of names and of their characters. Names that come later are counted
 * together: the sum over everything always stays exact.
 *
 * Each name has a place, in the order in which they came. Names that only come as numbers need no table of texts, and
 * leave what is taken out and filled again as it is.
 */
export class Counter {
  readonly #mostNames: number
  /** How many places are taken. */
  #size = 0
  /** By place: how often its name came. */
  #counts: number[] = []
  /** By place: the name, or its number as long as that says it. */
  #labels: (string | number)[] = []
  /** By text: the place. Empty as long as all names have come as numbers. */
  readonly #places = new Map<string, number>()
  /** By number: the place plus one, 0 where it is not known, -1 where there is none. */
  #numbered = new Int32Array(fewNumbers)
  #names = nobody
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

  /** What it takes of memory beside the texts, names or not. */
  get bytes(): number {
    return this.#numbered.byteLength + 8 * (this.#counts.length + this.#labels.length)
  }

  add(name: string, count = 1): void {
    this.#spell()
    this.#count(this.#place(name, name), count)
  }

  /** Counts the names whose numbers are a column; -1 is none. A number is looked up when it comes for the first time. */
  addColumn(column: Int32Array, { from, count }: Run, names: NumberedNames): void {
    if (names !== this.#names) this.#forgetNumbers(names)
    let numbered = this.#numbered
    const counts = this.#counts
    for (let row = from; row < from + count; row += 1) {
      const number = column[row] ?? 0
      const place = number >>> 0 < numbered.length ? (numbered[number] ?? 0) : 0
      if (place > 0) counts[place - 1] = (counts[place - 1] ?? 0) + 1
      else if (place < 0) this.#others += 1
      else if (number >= 0) numbered = this.#learn(number)
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
    if (this.#places.size > 0) {
      this.#places.clear()
      this.#counts = []
      this.#labels = []
    }
    this.#numbered.fill(0)
    this.#size = 0
    this.#characters = 0
    this.#others = 0
  }

  /** Names and their counts in turn, in one list. */
  flat(): (string | number)[] {
    const list: (string | number)[] = []
    for (let place = 0; place < this.#size; place += 1) list.push(this.#text(place), this.#counts[place] ?? 0)
    return list
  }

  *entries(): IterableIterator<[string, number]> {
    for (let place = 0; place < this.#size; place += 1) yield [this.#text(place), this.#counts[place] ?? 0]
  }

  #text(place: number): string {
    const label = this.#labels[place] ?? ''
    return typeof label === 'string' ? label : this.#names.text(label)
  }

  /** Puts the names that have come as numbers into the table of texts. */
  #spell(): void {
    if (this.#places.size === this.#size) return
    for (let place = 0; place < this.#size; place += 1) {
      const text = this.#text(place)
      this.#labels[place] = text
      this.#places.set(text, place)
    }
  }

  #forgetNumbers(names: NumberedNames): void {
    this.#spell()
    this.#names = names
    this.#numbered.fill(0)
  }

  /** Counts a name by a number whose place is not known, and gives the numbers as they are now known. */
  #learn(number: number): Int32Array<ArrayBuffer> {
    if (number >= this.#numbered.length) {
      const known = this.#numbered
      this.#numbered = new Int32Array(2 ** Math.ceil(Math.log2(number + fewNumbers)))
      this.#numbered.set(known)
    }
    const place = this.#place(this.#names.text(number), number)
    this.#numbered[number] = place === undefined ? -1 : place + 1
    this.#count(place, 1)
    return this.#numbered
  }

  /** The place of a name, which may be a new one; undefined when there is no more. */
  #place(text: string, label: string | number): number | undefined {
    const place = this.#places.get(text)
    if (place !== undefined) return place
    const characters = this.#characters + text.length
    if (this.#size >= this.#mostNames || characters > mostCharacters) return undefined
    const isSpelled = label === text || this.#places.size > 0
    if (isSpelled) this.#places.set(text, this.#size)
    this.#labels[this.#size] = isSpelled ? text : label
    this.#counts[this.#size] = 0
    this.#characters = characters
    this.#size += 1
    return this.#size - 1
  }

  #count(place: number | undefined, count: number): void {
    if (place === undefined) this.#others += count
    else this.#counts[place] = (this.#counts[place] ?? 0) + count
  }
}
