/** Rows of words that lie in an array: each begins `step` words after the one before, the first one at `first`. */
export interface Table {
  words: Int32Array
  first: number
  /** Rows begin before this place. */
  end: number
  step: number
}
