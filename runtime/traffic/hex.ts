const bytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

const byte = (value: number): string => bytes[value & 255] ?? ''

/** The low 16 bits as four hexadecimal digits. */
export const hex16 = (value: number): string => byte(value >>> 8) + byte(value)

/** A 32-bit number as eight hexadecimal digits. */
export const hex32 = (value: number): string => hex16(value >>> 16) + hex16(value)
