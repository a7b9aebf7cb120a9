/** What a terminal, or who reads it, could take for something else: control, format and unpaired characters. */
const unfit = /[\p{C}\p{Zl}\p{Zp}]/gu

/** Most texts: the expression above takes a megabyte of memory from its first use on. */
const plain = /^[ -~]*$/

/** The text with each of them as `\uXXXX`, which means the same where it stands in a text of JSON. */
export const escaped = (text: string): string =>
  plain.test(text)
    ? text
    : text.replaceAll(unfit, (character) =>
        Array.from({ length: character.length }, (_, unit) => hex(character.charCodeAt(unit))).join(''),
      )

const hex = (unit: number): string => String.raw`\u${unit.toString(16).padStart(4, '0')}`
