/** Names counted exactly in one table. */
const mostNames = 10_000
/** Characters of all names in one table together: 100 for each name, so that memory is bounded too. */
const mostCharacters = 1_000_000

/**
 * Counts by name, exact up to a bound of names and of their characters. Names that come later are counted
 * together: the sum over everything always stays exact.
 */
export class Counter {
  /** Where the count of each name stands, in the order in which they came. */
  readonly #places = new Map<string, number>()
  readonly #counts: number[] = []
  readonly #mostNames: number
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

  addOthers(count: number): void {
    this.#others += count
  }

  merge(other: Counter): void {
    for (const [name, count] of other.entries()) this.add(name, count)
    this.#others += other.#others
  }

  *entries(): IterableIterator<[string, number]> {
    for (const [name, place] of this.#places) yield [name, this.#counts[place] ?? 0]
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
