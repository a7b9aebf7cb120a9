interface Delay {
  key: string
  due: number
}

/**
 * Keys that wait for a time: a binary heap, in which the earlier time of a key wins. A key whose time moved
 * forward leaves its old entry behind, which is skipped when it surfaces.
 */
export class Delays {
  readonly #heap: Delay[] = []
  readonly #due = new Map<string, number>()

  /** Keeps the earlier of the two when the key waits already. */
  add(key: string, due: number): void {
    const known = this.#due.get(key)
    if (known !== undefined && known <= due) return
    this.#due.set(key, due)
    this.#heap.push({ key, due })
    this.#rise(this.#heap.length - 1)
  }

  /** When the next key falls due, undefined when none waits. */
  next(): number | undefined {
    for (let top = this.#heap[0]; top; top = this.#heap[0]) {
      if (this.#due.get(top.key) === top.due) return top.due
      this.#pop()
    }
    return undefined
  }

  /** Takes out the keys due at `now`, soonest first. */
  take(now: number): string[] {
    const keys: string[] = []
    for (let due = this.next(); due !== undefined && due <= now; due = this.next()) {
      const top = this.#pop()
      if (!top) break
      this.#due.delete(top.key)
      keys.push(top.key)
    }
    return keys
  }

  #pop(): Delay | undefined {
    const top = this.#heap[0]
    const last = this.#heap.pop()
    if (last && this.#heap.length > 0) {
      this.#heap[0] = last
      this.#sink(0)
    }
    return top
  }

  #rise(from: number): void {
    for (let at = from; at > 0;) {
      const parent = (at - 1) >> 1
      if (this.#at(parent) <= this.#at(at)) return
      this.#swap(at, parent)
      at = parent
    }
  }

  #sink(from: number): void {
    for (let at = from; ;) {
      const left = 2 * at + 1
      const child = this.#at(left + 1) < this.#at(left) ? left + 1 : left
      if (this.#at(at) <= this.#at(child)) return
      this.#swap(at, child)
      at = child
    }
  }

  #at(index: number): number {
    return this.#heap[index]?.due ?? Infinity
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#heap[a], this.#heap[b]]
    if (!one || !other) return
    this.#heap[a] = other
    this.#heap[b] = one
  }
}
