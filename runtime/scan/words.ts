/** A name in ASCII, of at least four bytes, as words of four; the last one may overlap with the one before. */
export interface Words {
  size: number
  words: Int32Array
}

export const wordsOf = (name: string): Words => {
  const bytes = new DataView(Uint8Array.from(name, (letter) => letter.charCodeAt(0)).buffer)
  const size = bytes.byteLength
  const words = Int32Array.from({ length: Math.ceil(size / 4) }, (_, index) =>
    bytes.getInt32(Math.min(4 * index, size - 4), true),
  )
  return { size, words }
}

/** Whether the name stands there; its size must lie inside the view. */
export const isAt = (name: Words, view: DataView, from: number): boolean => {
  const words = name.words
  const last = words.length - 1
  for (let index = 0; index < last; index += 1)
    if (view.getInt32(from + 4 * index, true) !== words[index]) return false
  return view.getInt32(from + name.size - 4, true) === words[last]
}
