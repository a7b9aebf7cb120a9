/** Rows of words that lie in an array: each begins `step` words after the one before, the first one at `first`. */
export interface Table {
  words: Int32Array
  first: number
  /** Rows begin before this place. */
  end: number
  step: number
}

/** All of an array of hashes, each a pair of words: high and low. */
export const pairs = (words: Int32Array): Table => ({ words, first: 0, end: words.length, step: 2 })

/** Two words further, unless the bits are all zero. Without a branch, as nobody can foretell it. */
export const pastPair = (bits: number): number => ((bits | -bits) >>> 31) << 1
