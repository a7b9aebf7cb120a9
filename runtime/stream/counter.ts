/** Names counted exactly in one table. */
const mostNames = 10_000
/** Characters of all names in one table together: 100 for each name, so that memory is bounded too. */
const mostCharacters = 1_000_000

/**
 * Counts by name, exact up to a bound of names and of their characters. Names that come later are counted
 * together: the sum over everything always stays exact.
 */
export class Counter {
  readonly #counts = new Map<string, number>()
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
    const before = this.#counts.get(name)
    if (before !== undefined) this.#counts.set(name, before + count)
    else if (this.#counts.size < this.#mostNames && this.#characters + name.length <= mostCharacters) {
      this.#counts.set(name, count)
      this.#characters += name.length
    } else this.#others += count
  }

  addOthers(count: number): void {
    this.#others += count
  }

  merge(other: Counter): void {
    for (const [name, count] of other.#counts) this.add(name, count)
    this.#others += other.#others
  }

  entries(): IterableIterator<[string, number]> {
    return this.#counts.entries()
  }
}
