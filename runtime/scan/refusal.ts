import { isUtf8 } from 'node:buffer'
import { eventTypes } from '../event.ts'
import { asciiAt, bytesAt, type Span } from '../span.ts'
import { parseInstant } from '../stream/instant.ts'
import { Cursor } from './cursor.ts'
import {
  durationFlaws,
  type Flaw,
  isOutOfRange,
  textRules,
  type TextRule,
  timestampFlaws,
  typeFlaws,
  valueFlaws,
} from './flaws.ts'
import { Json } from './json.ts'
import { byte, kind } from './letters.ts'
import { Minutes } from './minutes.ts'
import type { Followed, Rejected } from './scan.ts'
import { field, fieldCount } from './template.ts'
import { isAt, wordsOf } from './words.ts'

/** Longer instants and numbers are not made strings of: no instant is, and hardly a number. */
const longest = 35

/** Where something lies, in an object that is used again. */
const blankSpan = (): Span => ({ view: new DataView(new ArrayBuffer(0)), from: 0, length: 0 })

/** With their quotes. */
const keys = Object.keys(field).map((name) => wordsOf(`"${name}"`))
/** Instead of a number. */
const otherKey = -1
const noKey = -2
const noMembers = -3
const typeNames = eventTypes.map(wordsOf)

const rulesByName = new Map<string, TextRule>(Object.entries(textRules))
/** Of the fields that are texts, by their numbers. */
const rules = Object.keys(field).map((name) => rulesByName.get(name))

/** What is said of a field: its flaw, or that it has none; undefined when it takes the exact scan to tell. */
const fine = null
type Verdict = Flaw | typeof fine | undefined

/** What `next` cannot tell: a value that was read before, and has no flaw. */
const flawless = 7
/** Instead of the length of a text with half of a surrogate pair. */
const broken = -1

/**
 * A quick reading that only says why a value is no event. It looks at each byte once and makes no strings and no
 * errors, so that refused events cost little. Where it says something the exact scan says the same; when the value may
 * be an event, or hides its flaw behind escapes or much nesting, it says nothing.
 */
export class Refusal {
  readonly #json = new Json()
  readonly #cursor = new Cursor()
  readonly #minutes = new Minutes()

  /** Of each field its value, the last one if there are more: what it is, and of texts and numbers where it lies. */
  readonly #kinds = new Uint8Array(fieldCount)
  readonly #froms = new Uint32Array(fieldCount)
  readonly #sizes = new Uint32Array(fieldCount)
  /** In bytes of UTF-8 without escapes. */
  readonly #lengths = new Int32Array(fieldCount)
  readonly #span = blankSpan()
  /** Keys with an escape, which could be fields. */
  #hidden = false

  /** `followed` is what a template has read of the value. */
  of(value: Span, followed: Followed): Rejected | undefined {
    const flaw = this.#flaw(value, followed)
    if (flaw === undefined) return undefined
    // What is not JSON was not looked at to its end.
    const isAscii = flaw !== valueFlaws.notJson && this.#json.ascii
    return (isAscii || isUtf8(bytesAt(value)) ? flaw : valueFlaws.notUtf8).rejected
  }

  #flaw(value: Span, followed: Followed): Flaw | undefined {
    if (value.length === 0) return valueFlaws.empty
    const json = this.#json
    this.#span.view = value.view
    this.#kinds.fill(kind.none)
    this.#hidden = false
    // What was followed may lie in the next value.
    const resumes = followed.at < value.from + value.length
    json.open(value, resumes ? followed.at : value.from)
    const begin = resumes ? kind.object : json.next()
    const isValue = begin === kind.object ? this.#members(resumes ? followed : undefined) : json.value(begin)
    if (!isValue || !json.end()) return json.tooDeep ? undefined : valueFlaws.notJson
    if (begin !== kind.object) return valueFlaws.notAnObject
    return this.#hidden ? undefined : this.#fieldFlaw()
  }

  /** Passes the outermost object, or what is left of it, and keeps the fields. */
  #members(followed: Followed | undefined): boolean {
    const json = this.#json
    let number = followed === undefined ? this.#firstKey() : this.#skip(followed)
    if (number === noMembers) return true
    while (number !== noKey) {
      const begin = json.next()
      if (!json.value(begin)) return false
      if (number >= 0) this.#keep(number, begin)
      if (!json.mark(byte.comma)) return json.mark(byte.closeBrace)
      number = this.#key(number + 1)
      if (followed !== undefined && this.#restFits(followed, number)) return true
    }
    return false
  }

  /** Passes the value of a field and all behind it, if the template that was followed before fits again from there on. */
  #restFits(followed: Followed, number: number): boolean {
    const { fields } = followed
    const json = this.#json
    let value = number < 0 ? -1 : fields.indexOf(number)
    if (value < 0) return false
    json.next()
    if (followed.fits?.(value, json.at, json.limit) !== true) return false
    for (; value < fields.length; value += 1) this.#kinds[fields[value] ?? 0] = flawless
    json.passAll()
    return true
  }

  #firstKey(): number {
    this.#json.mark(byte.openBrace)
    return this.#json.mark(byte.closeBrace) ? noMembers : this.#key(0)
  }

  /** Takes the fields that were read, and gives the one whose value comes now. */
  #skip({ fields, values }: Followed): number {
    for (let index = 0; index < values; index += 1) this.#kinds[fields[index] ?? 0] = flawless
    return fields[values] ?? otherKey
  }

  /** Passes a key and gives the number of its field; most likely it is `guess`, as fields have an order. */
  #key(guess: number): number {
    const json = this.#json
    const likely = keys[guess]
    if (likely !== undefined && json.keyIs(likely)) return guess
    if (!json.key()) return noKey
    if (json.size !== json.length) this.#hidden = true
    for (let number = 0; number < fieldCount; number += 1) {
      const key = keys[number]
      if (key !== undefined && key.size === json.size + 2 && isAt(key, json.view, json.from - 1))
        return number
    }
    return otherKey
  }

  #keep(number: number, begin: number): void {
    const json = this.#json
    this.#kinds[number] = begin
    this.#froms[number] = json.from
    this.#sizes[number] = json.size
    this.#lengths[number] = json.halves > 0 ? broken : json.length
  }

  /** The first flaw of a field, in the order of the exact scan; undefined when there is none, or it is not sure. */
  #fieldFlaw(): Flaw | undefined {
    for (let number = 0; number < fieldCount; number += 1) {
      if (this.#kinds[number] === flawless) continue
      const rule = rules[number]
      const flaw =
        rule !== undefined
          ? this.#textFlaw(number, rule)
          : number === field.timestamp
            ? this.#instantFlaw()
            : this.#durationFlaw()
      if (flaw !== fine) return flaw
    }
    return undefined
  }

  #textFlaw(number: number, rule: TextRule): Verdict {
    const begin = this.#kinds[number] ?? kind.none
    const length = this.#lengths[number] ?? 0
    if (begin === kind.none) return rule.missing
    if (begin !== kind.text) return rule.notText
    if (length === broken) return rule.notUtf8
    if (length > rule.most) return rule.tooLong
    if (length === 0 && rule.empty !== undefined) return rule.empty
    return number === field.event_type ? this.#typeFlaw() : fine
  }

  #typeFlaw(): Verdict {
    const { view, from, length } = this.#place(field.event_type)
    if (length !== this.#lengths[field.event_type]) return this.#escapedTypeFlaw()
    for (const name of typeNames) if (name.size === length && isAt(name, view, from)) return fine
    return typeFlaws.unknown
  }

  #escapedTypeFlaw(): Verdict {
    const span = this.#place(field.event_type)
    span.from -= 1
    span.length += 2
    const type: unknown = JSON.parse(asciiAt(span))
    return eventTypes.some((known) => known === type) ? fine : typeFlaws.unknown
  }

  #instantFlaw(): Verdict {
    const begin = this.#kinds[field.timestamp] ?? kind.none
    if (begin === kind.none) return timestampFlaws.missing
    if (begin !== kind.text) return timestampFlaws.notText
    const place = this.#place(field.timestamp)
    if (place.length !== this.#lengths[field.timestamp]) return undefined
    if (place.length > longest) return timestampFlaws.bad
    const cursor = this.#cursor
    cursor.open(place)
    if (cursor.instant(this.#minutes) >= 0 && cursor.atEnd()) return fine
    const time = parseInstant(asciiAt(place))
    if (time === undefined) return timestampFlaws.bad
    return time < 0 ? timestampFlaws.early : fine
  }

  #durationFlaw(): Verdict {
    const begin = this.#kinds[field.duration_ms] ?? kind.none
    if (begin === kind.none) return durationFlaws.missing
    if (begin !== kind.number) return durationFlaws.notNumber
    const place = this.#place(field.duration_ms)
    if (place.length > longest) return undefined
    const cursor = this.#cursor
    cursor.open(place)
    const whole = cursor.whole()
    if (whole >= 0 && cursor.atEnd()) return isOutOfRange(whole) ? durationFlaws.outOfRange : fine
    return isOutOfRange(Number(asciiAt(place))) ? durationFlaws.outOfRange : fine
  }

  #place(number: number): Span {
    const span = this.#span
    span.from = this.#froms[number] ?? 0
    span.length = this.#sizes[number] ?? 0
    return span
  }
}
