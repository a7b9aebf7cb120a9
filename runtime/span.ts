/** Where some bytes lie: `length` bytes of the view, from `from` on. Nothing is cut out to point at them. */
export interface Span {
  view: DataView
  from: number
  length: number
}

/** All of some bytes. */
export const spanOf = (bytes: Uint8Array): Span => ({
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
  from: 0,
  length: bytes.length,
})

/** The bytes at the place. */
export const bytesAt = ({ view, from, length }: Span): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset + from, length)

/** The string of a few bytes that are ASCII; of others it is one of as many characters that are not. */
export const asciiAt = ({ view, from, length }: Span): string =>
  Buffer.from(view.buffer, view.byteOffset + from, length).toString('latin1')
