import { hex16, hex32 } from './hex.ts'
import type { Random } from './random.ts'

/** A version 4 UUID as four 32-bit numbers. */
export type Id = Uint32Array

/** Draws another id into `id`. */
export const drawId = (id: Id, random: Random): void => {
  const middle = random.word()
  const variant = random.word()
  id[0] = random.word()
  id[1] = (middle << 16) | 0x4000 | ((middle >>> 16) & 0xfff)
  id[2] = (((variant & 0x3fff) | 0x8000) << 16) | (variant >>> 16)
  id[3] = random.word()
}

export const idText = ([a = 0, b = 0, c = 0, d = 0]: Id): string =>
  `${hex32(a)}-${hex16(b >>> 16)}-${hex16(b)}-${hex16(c >>> 16)}-${hex16(c)}${hex32(d)}`

const digits = new TextEncoder().encode('0123456789abcdef')

/** Writes the low `count` hexadecimal digits of a number. */
const writeHex = (
  bytes: Uint8Array,
  at: number,
  { value, count }: { value: number; count: number },
): void => {
  let rest = value
  for (let index = at + count - 1; index >= at; index -= 1) {
    bytes[index] = digits[rest & 15] ?? 0
    rest >>>= 4
  }
}

/** Writes the digits of `idText` over one that is there: its dashes stay. */
export const overwriteId = (bytes: Uint8Array, at: number, id: Id): void => {
  const [a = 0, b = 0, c = 0, d = 0] = id
  writeHex(bytes, at, { value: a, count: 8 })
  writeHex(bytes, at + 9, { value: b >>> 16, count: 4 })
  writeHex(bytes, at + 14, { value: b, count: 4 })
  writeHex(bytes, at + 19, { value: c >>> 16, count: 4 })
  writeHex(bytes, at + 24, { value: c, count: 4 })
  writeHex(bytes, at + 28, { value: d, count: 8 })
}
