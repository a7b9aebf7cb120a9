/** The bytes that JSON's grammar speaks of. */
export const byte = {
  quote: 0x22,
  backslash: 0x5c,
  openBrace: 0x7b,
  closeBrace: 0x7d,
  openBracket: 0x5b,
  closeBracket: 0x5d,
  colon: 0x3a,
  comma: 0x2c,
  minus: 0x2d,
  plus: 0x2b,
  point: 0x2e,
  zero: 0x30,
  lowerE: 0x65,
  lowerU: 0x75,
  space: 0x20,
} as const

/** What a value is, as its first byte tells. */
export const kind = { none: 0, text: 1, number: 2, word: 3, list: 4, object: 5, space: 6 } as const

const table = (entries: readonly (readonly [string, number])[]): Uint8Array => {
  const values = new Uint8Array(256)
  for (const [characters, value] of entries)
    for (const character of characters) values[character.charCodeAt(0)] = value
  return values
}

/** The kind of value that a byte begins. */
export const kinds = table([
  ['"', kind.text],
  ['-0123456789', kind.number],
  ['tfn', kind.word],
  ['[', kind.list],
  ['{', kind.object],
  [' \t\n\r', kind.space],
])
/** What may stand behind a backslash, beside `u`. */
export const escapes = table([[String.raw`"\/bfnrt`, 1]])
/** Instead of a digit. */
export const noDigit = 0xff
/** What a byte is worth as a hexadecimal digit. */
export const hexDigits = new Uint8Array(256).fill(noDigit)
for (let digit = 0; digit < 16; digit += 1)
  for (const character of [digit.toString(16), digit.toString(16).toUpperCase()])
    hexDigits[character.charCodeAt(0)] = digit
