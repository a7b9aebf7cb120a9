import type { Span } from '../span.ts'
import type { Minutes } from './minutes.ts'
import type { Template } from './template.ts'

const quote = 0x22
const plus = 0x2b
const point = 0x2e
const zero = 0x30
const colon = 0x3a
const letterZ = 0x5a
/** Bytes of the longest instant: nanoseconds, the zone as an offset. */
const longestInstant = 35

/**
 * The bits 0x80 of the bytes that may not stand in a plain text: control characters, quotes, backslashes, all that
 * is not ASCII (whose bit 0x80 outlives one of the subtractions at least). Bytes above the lowest one found may be
 * found wrongly, as subtractions borrow from them.
 */
export const stopsIn = (word: number): number =>
  ((word - 0x20202020) | ((word ^ 0x22222222) - 0x01010101) | ((word ^ 0x5c5c5c5c) - 0x01010101)) & 0x80808080

/**
 * Moves over the bytes of a value and reads them where they lie, four at a time. Every reading either passes what it
 * read, or says that it is not plain: then the exact scan has to tell. Reading may run past the value into the next
 * one in the same memory, so who reads asks in the end whether the cursor stands where the value ends.
 */
export class Cursor {
  view: DataView = new DataView(new ArrayBuffer(0))
  #at = 0
  #end = 0
  /** Of the last text: where it begins, its length in bytes, and its last 0 to 3 bytes as a word. */
  from = 0
  length = 0
  tail = 0

  open({ view, from, length }: Span): void {
    this.view = view
    this.#at = from
    this.#end = from + length
  }

  /** Where the value begins whose piece was just passed, with its quote if it has one. */
  valueStart(): number {
    return this.view.getUint8(this.#at - 1) === quote ? this.#at - 1 : this.#at
  }

  atEnd(): boolean {
    return this.#at === this.#end
  }

  /** Passes piece `number` of a template. */
  piece({ pieces, starts }: Template, number: number): boolean {
    const view = this.view
    const from = starts[number] ?? 0
    const length = (starts[number + 1] ?? 0) - from
    const at = this.#at
    this.#at = at + length
    if (this.#at > view.byteLength) return false
    const last = length - 4
    if (last < 0) return sameBytes({ view, from: at, length }, { view: pieces, from, length })
    for (let index = 0; index < last; index += 4)
      if (view.getInt32(at + index, true) !== pieces.getInt32(from + index, true)) return false
    // The last four bytes may overlap with those before.
    return view.getInt32(at + last, true) === pieces.getInt32(from + last, true)
  }

  /** Passes a plain text of at most `most` bytes, up to the quote that ends it. */
  text(most: number): boolean {
    const view = this.view
    const from = this.#at
    const last = Math.min(view.byteLength - 4, from + most)
    for (let at = from; at <= last; at += 4) {
      const word = view.getInt32(at, true)
      const stops = stopsIn(word)
      if (stops === 0) continue
      const bits = 24 - Math.clz32(stops & -stops)
      this.#at = at + (bits >>> 3)
      this.from = from
      this.length = this.#at - from
      this.tail = word & ((1 << bits) - 1)
      return ((word >>> bits) & 0xff) === quote && this.length <= most
    }
    return false
  }

  /** Passes a whole number of one to nine digits and gives it; -1 when there is something else. */
  whole(): number {
    const view = this.view
    const from = this.#at
    const last = Math.min(view.byteLength, from + 9)
    let value = 0
    let at = from
    for (; at < last; at += 1) {
      const digit = digitAt(view, at)
      if (digit > 9) break
      value = value * 10 + digit
    }
    this.#at = at
    const leadingZero = at > from + 1 && digitAt(view, from) === 0
    return at === from || leadingZero ? -1 : value
  }

  /** Passes an instant as `parseInstant` knows them and gives its milliseconds; -1 when it is not plain. */
  instant(minutes: Minutes): number {
    const view = this.view
    const at = this.#at
    if (at + longestInstant > view.byteLength) return -1
    const minute = minutes.start(view, at)
    const second = twoDigits(view, at + 17)
    if (minute < 0 || view.getUint8(at + 16) !== colon || second > 59) return -1
    this.#at = at + 19
    const milliseconds = this.#fraction()
    return milliseconds < 0 || !this.#zone() ? -1 : minute + second * 1_000 + milliseconds
  }

  /** Passes what may stand after the seconds: a point and one to nine digits, of which three count. */
  #fraction(): number {
    const view = this.view
    if (view.getUint8(this.#at) !== point) return 0
    const from = this.#at + 1
    let value = 0
    let at = from
    for (; at < from + 9; at += 1) {
      const digit = digitAt(view, at)
      if (digit > 9) break
      if (at < from + 3) value = value * 10 + digit
    }
    this.#at = at
    const digits = at - from
    if (digits === 0) return -1
    return digits === 1 ? value * 100 : digits === 2 ? value * 10 : value
  }

  /** Passes `Z` or `+00:00`. */
  #zone(): boolean {
    const view = this.view
    const at = this.#at
    this.#at = at + 1
    if (view.getUint8(at) === letterZ) return true
    this.#at = at + 6
    return (
      view.getUint8(at) === plus &&
      twoDigits(view, at + 1) === 0 &&
      view.getUint8(at + 3) === colon &&
      twoDigits(view, at + 4) === 0
    )
  }
}

/** Of less than four bytes. */
const sameBytes = (one: Span, other: Span): boolean => {
  for (let index = 0; index < one.length; index += 1)
    if (one.view.getUint8(one.from + index) !== other.view.getUint8(other.from + index)) return false
  return true
}

/** Over 9 when there is no digit. */
const digitAt = (view: DataView, at: number): number => (view.getUint8(at) - zero) >>> 0

/** The number that two digits make; 100 or more when they are not digits. */
const twoDigits = (view: DataView, at: number): number => {
  const tens = digitAt(view, at)
  const ones = digitAt(view, at + 1)
  return tens > 9 || ones > 9 ? 100 : tens * 10 + ones
}
