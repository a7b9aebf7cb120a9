import type { Span } from '../span.ts'
import { stopsIn } from './cursor.ts'
import { byte, escapes, hexDigits, kind, kinds, noDigit } from './letters.ts'
import { isAt, type Words } from './words.ts'

/** Lists and objects in each other that are followed: events have none, and who writes more wants to do harm. */
const deepest = 32

const words = ['true', 'false', 'null'].map((word) => Array.from(word, (letter) => letter.charCodeAt(0)))

/**
 * Moves over one JSON text and makes nothing of it: each method passes what it names, or gives false when that is not
 * there, exactly as JSON.parse would; but whether the bytes are UTF-8 is not asked. What lies too deep is not passed
 * either, and `tooDeep` says so.
 */
export class Json {
  view: DataView = new DataView(new ArrayBuffer(0))
  #at = 0
  #end = 0
  /** Of the last text or number: where it begins and its bytes, quotes left out. */
  from = 0
  size = 0
  /** Of the last text: its bytes in UTF-8 without the escapes, and how many of them are half of a surrogate pair. */
  length = 0
  halves = 0
  /** Where the first half of a pair ended, to know the second one that follows at once. */
  #half = -1
  tooDeep = false
  /** Whether all bytes of all texts so far were ASCII. */
  ascii = true

  /** Opens a value, from this place on. */
  open({ view, from, length }: Span, at: number): void {
    this.view = view
    this.#at = at
    this.#end = from + length
    this.tooDeep = false
    this.ascii = true
  }

  /** Passes spaces, and tells what comes then; nothing is passed of that. */
  next(): number {
    const view = this.view
    const end = this.#end
    for (let at = this.#at; at < end; at += 1) {
      const found = kinds[view.getUint8(at)] ?? kind.none
      if (found === kind.space) continue
      this.#at = at
      return found
    }
    this.#at = end
    return kind.none
  }

  /** Where it stands, and where the text ends. */
  get at(): number {
    return this.#at
  }

  get limit(): number {
    return this.#end
  }

  /** Passes all that is left. */
  passAll(): void {
    this.#at = this.#end
  }

  /** Spaces up to the end. */
  end(): boolean {
    this.next()
    return this.#at === this.#end
  }

  /** Spaces, and then this byte. */
  mark(expected: number): boolean {
    if (this.#byte(expected)) return true
    this.next()
    return this.#byte(expected)
  }

  /** A value that begins here with what `next` told. */
  value(begin: number, depth = 1): boolean {
    if (begin === kind.text) return this.text()
    if (begin === kind.number) return this.number()
    if (begin === kind.word) return this.#word()
    if (begin === kind.none) return false
    this.tooDeep = depth > deepest
    if (this.tooDeep) return false
    return begin === kind.list ? this.#list(depth) : this.#object(depth)
  }

  #list(depth: number): boolean {
    this.#at += 1
    if (this.mark(byte.closeBracket)) return true
    do if (!this.value(this.next(), depth + 1)) return false
    while (this.mark(byte.comma))
    return this.mark(byte.closeBracket)
  }

  #object(depth: number): boolean {
    this.#at += 1
    if (this.mark(byte.closeBrace)) return true
    do if (!this.key() || !this.value(this.next(), depth + 1)) return false
    while (this.mark(byte.comma))
    return this.mark(byte.closeBrace)
  }

  /** Spaces, a key, and its colon. */
  key(): boolean {
    return this.next() === kind.text && this.text() && this.mark(byte.colon)
  }

  /** Spaces, and then this key, with its quotes, and its colon. Nothing is passed when there is something else. */
  keyIs(key: Words): boolean {
    this.next()
    const from = this.#at
    if (from + key.size > this.#end || !isAt(key, this.view, from)) return false
    this.#at = from + key.size
    if (this.mark(byte.colon)) return true
    this.#at = from
    return false
  }

  /** A text with its quotes. */
  text(): boolean {
    const view = this.view
    const end = this.#end
    const from = this.#at + 1
    this.from = from
    this.length = 0
    this.halves = 0
    this.#half = -1
    for (let at = this.#plain(from); at < end; at = this.#plain(this.#at)) {
      const found = view.getUint8(at)
      this.#at = at + 1
      if (found === byte.quote) {
        this.size = at - from
        this.length += this.size
        return true
      }
      if (found > 0x7f) this.#wide()
      else if (found === byte.backslash ? !this.#escape() : found < byte.space) return false
    }
    return false
  }

  /** Where the first byte is, from `from` on, that is not plain in a text. */
  #plain(from: number): number {
    const view = this.view
    const last = this.#end - 4
    let at = from
    for (; at <= last; at += 4) {
      const stops = stopsIn(view.getInt32(at, true))
      if (stops !== 0) return at + ((24 - Math.clz32(stops & -stops)) >>> 3)
    }
    return at
  }

  /** Passes all bytes up to the next ASCII one: in other scripts hardly any is. */
  #wide(): void {
    this.ascii = false
    while (this.#at < this.#end && this.view.getUint8(this.#at) > 0x7f) this.#at += 1
  }

  /** What stands behind a backslash; `length` becomes as much less as the escape is longer than what it means. */
  #escape(): boolean {
    const view = this.view
    const at = this.#at
    if (at >= this.#end) return false
    const letter = view.getUint8(at)
    this.#at = at + 1
    this.length -= 1
    if (letter !== byte.lowerU) return escapes[letter] === 1
    if (at + 5 > this.#end) return false
    let code = 0
    for (let place = at + 1; place < at + 5; place += 1) {
      const digit = hexDigits[view.getUint8(place)] ?? noDigit
      if (digit === noDigit) return false
      code = code * 16 + digit
    }
    this.#at = at + 5
    this.length -= code < 0x80 ? 4 : code < 0x800 ? 3 : 2
    if (code >= 0xd800 && code < 0xe000) this.#surrogate(code, at - 1)
    return true
  }

  /** An escaped half of a pair, that began at the place. A pair has four bytes; its halves were counted as three each. */
  #surrogate(code: number, from: number): void {
    const isPair = code >= 0xdc00 && this.#half === from
    this.halves += isPair ? -1 : 1
    if (isPair) this.length -= 2
    this.#half = code < 0xdc00 ? this.#at : -1
  }

  number(): boolean {
    this.from = this.#at
    this.#byte(byte.minus)
    if (!this.#byte(byte.zero) && !this.#digits()) return false
    if (this.#byte(byte.point) && !this.#digits()) return false
    if (this.#exponent() && !this.#digits()) return false
    this.size = this.#at - this.from
    return true
  }

  /** The letter of an exponent, in either case, and its sign. */
  #exponent(): boolean {
    if (!this.#byte(byte.lowerE) && !this.#byte(byte.lowerE - byte.space)) return false
    if (!this.#byte(byte.minus)) this.#byte(byte.plus)
    return true
  }

  #digits(): boolean {
    const from = this.#at
    while (this.#at < this.#end && (this.view.getUint8(this.#at) - byte.zero) >>> 0 <= 9) this.#at += 1
    return this.#at > from
  }

  #word(): boolean {
    const first = this.view.getUint8(this.#at)
    for (const letters of words) if (letters[0] === first) return this.#letters(letters)
    return false
  }

  #letters(letters: readonly number[]): boolean {
    for (const letter of letters) if (!this.#byte(letter)) return false
    return true
  }

  #byte(expected: number): boolean {
    if (this.#at >= this.#end || this.view.getUint8(this.#at) !== expected) return false
    this.#at += 1
    return true
  }
}
