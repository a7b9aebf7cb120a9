/** Text that came with events, made fit for one line of a terminal. */

/** Escape sequences, control and format characters, line and paragraph separators. */
const unfit = /\p{Cc}\[[0-?]*[ -/]*[@-~]|\p{C}|\p{Zl}|\p{Zp}/gu
const combining = /\p{M}/u
const wide =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u

/** Columns that a character takes in a terminal. */
const columnsOf = (character: string): number => {
  if (combining.test(character)) return 0
  return wide.test(character) ? 2 : 1
}

/** Replaces each control character and each escape sequence by `�`. */
export const sanitised = (text: string): string => text.replaceAll(unfit, '\ufffd')

/** Sanitised text of exactly `width` columns: cut with `…`, or filled with spaces. */
export const fitted = (text: string, width: number): string => {
  // A name may be very long; more than `width` characters with many combining marks each are of no use.
  const characters = Array.from(sanitised(text.slice(0, width * 8)))
  const total = characters.reduce((sum, character) => sum + columnsOf(character), 0)
  if (total <= width) return characters.join('') + ' '.repeat(width - total)
  let taken = 0
  let line = ''
  for (const character of characters) {
    const columns = columnsOf(character)
    if (taken + columns > width - 1) break
    taken += columns
    line += character
  }
  return `${line}…${' '.repeat(width - 1 - taken)}`
}
