/** Hashes that lie in an array, each a pair of words: high and low. Those that are all zero are none. */
export interface Hashes {
  words: Int32Array
  /** The place behind the last one. */
  end: number
}

/** All of an array. */
export const hashesIn = (words: Int32Array): Hashes => ({ words, end: words.length })

/** Two words further, unless the bits are all zero. Without a branch, as nobody can foretell it. */
export const pastPair = (bits: number): number => ((bits | -bits) >>> 31) << 1
