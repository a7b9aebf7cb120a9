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
import { byte, Json, kind } from './json.ts'
import { Minutes } from './minutes.ts'
import type { Rejected } from './scan.ts'
import { field, fieldCount } from './template.ts'
import { isAt, wordsOf } from './words.ts'

/** Longer instants and numbers are not made strings of: no instant is, and hardly a number. */
const longest = 35

/** Where something lies, in an object that is used again. */
const blankSpan = (): Span => ({ view: new DataView(new ArrayBuffer(0)), from: 0, length: 0 })

/** With their quotes. */
const keys = Object.keys(field).map((name) => wordsOf(`"${name}"`))
/** Instead of a number. */
const noKey = -2
const otherKey = -1
const typeNames = eventTypes.map(wordsOf)

const rulesByName = new Map<string, TextRule>(Object.entries(textRules))
/** Of the fields that are texts, by their numbers. */
const rules = Object.keys(field).map((name) => rulesByName.get(name))

/** What is said of a field: its flaw, or that it has none; undefined when it takes the exact scan to tell. */
const fine = null
type Verdict = Flaw | typeof fine | undefined

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
  /** In bytes of UTF-8 without escapes; negative when there is half of a surrogate pair. */
  readonly #lengths = new Int32Array(fieldCount)
  readonly #span = blankSpan()
  /** Keys with an escape, which could be fields. */
  #hidden = false

  of(value: Span): Rejected | undefined {
    const flaw = this.#flaw(value)
    if (flaw === undefined) return undefined
    return (isUtf8(bytesAt(value)) ? flaw : valueFlaws.notUtf8).rejected
  }

  #flaw(value: Span): Flaw | undefined {
    if (value.length === 0) return valueFlaws.empty
    const json = this.#json
    json.open(value)
    this.#span.view = value.view
    const begin = json.next()
    const isJson = (begin === kind.object ? this.#members() : json.value(begin)) && json.end()
    if (!isJson) return json.tooDeep ? undefined : valueFlaws.notJson
    if (begin !== kind.object) return valueFlaws.notAnObject
    return this.#hidden ? undefined : this.#fieldFlaw()
  }

  /** Passes the members of the outermost object, and keeps the fields. */
  #members(): boolean {
    const json = this.#json
    this.#kinds.fill(kind.none)
    this.#hidden = false
    json.mark(byte.openBrace)
    if (json.mark(byte.closeBrace)) return true
    let number = otherKey
    do {
      number = this.#key(number + 1)
      if (number === noKey) return false
      const begin = json.next()
      if (!json.value(begin)) return false
      if (number >= 0) this.#keep(number, begin)
    } while (json.mark(byte.comma))
    return json.mark(byte.closeBrace)
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
    this.#lengths[number] = json.halves ? -1 : json.length
  }

  /** The first flaw of a field, in the order of the exact scan; undefined when there is none, or it is not sure. */
  #fieldFlaw(): Flaw | undefined {
    for (let number = 0; number < fieldCount; number += 1) {
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
    if (length < 0) return undefined
    if (length > rule.most) return rule.tooLong
    if (length === 0 && rule.empty !== undefined) return rule.empty
    return number === field.event_type ? this.#typeFlaw() : fine
  }

  #typeFlaw(): Verdict {
    const { view, from, length } = this.#place(field.event_type)
    if (length !== this.#lengths[field.event_type]) return undefined
    for (const name of typeNames) if (name.size === length && isAt(name, view, from)) return fine
    return typeFlaws.unknown
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
