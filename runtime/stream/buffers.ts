/** Bytes that are kept at most: about what the panes of a backlog need. */
const mostKept = 4_194_304

/**
 * Buffers that are given back and taken again. They lie outside of the JavaScript heap, yet V8 counts them when it
 * decides to collect it all: what is new for each pane costs more there than to fill it.
 */
export class Buffers {
  /** By the power of two that is their size. */
  readonly #free: ArrayBufferLike[][] = []
  #kept = 0

  /** A buffer with anything in it. */
  take(length: number): Buffer {
    const power = powerOf(length)
    const spare = this.#free[power]?.pop()
    if (spare !== undefined) this.#kept -= spare.byteLength
    return Buffer.from(spare ?? new ArrayBuffer(2 ** power), 0, length)
  }

  /** Takes back a buffer that was taken here and that nobody looks at any more. */
  give({ buffer }: Buffer): void {
    if (this.#kept + buffer.byteLength > mostKept) return
    this.#kept += buffer.byteLength
    ;(this.#free[powerOf(buffer.byteLength)] ??= []).push(buffer)
  }
}

/** Of the least power of two that is not below the length. */
const powerOf = (length: number): number => 32 - Math.clz32(Math.max(length - 1, 0))
