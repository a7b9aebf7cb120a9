import { eventTypes, type EventType } from '../event.ts'
import { bytesAt, type Span } from '../span.ts'
import { hashInto } from '../stream/hash.ts'
import { addressBytes, idBytes, longestDuration, nameBytes } from './bounds.ts'
import { Cursor } from './cursor.ts'
import { Minutes } from './minutes.ts'
import { scan as exact } from './exact.ts'
import { Names } from './names.ts'
import { Refusal } from './refusal.ts'
import { blankScanned, type Followed, type Scan, type Scanned } from './scan.ts'
import { field, fieldCount, type Template, templateOf } from './template.ts'

/** Producers that write differently, whose events are read fast beside each other. */
const mostTemplates = 8
/** Events that are read slowly before a template replaces another: learning must not cost more than it saves. */
const slowBefore = 256

/** Longest texts that are read, by field. */
const bounds = new Uint16Array(fieldCount)
bounds[field.user_id] = idBytes
bounds[field.session_id] = idBytes
bounds[field.page_url] = addressBytes
bounds[field.referrer] = addressBytes
bounds[field.device_type] = nameBytes

const decoder = new TextDecoder()
const knownType = (text: string): EventType | undefined => eventTypes.find((type) => type === text)

/**
 * The fast reading of an event: the template of a known producer is followed through the bytes, each of which is
 * looked at once, and no string is made of what was seen before. It accepts only what the exact scan accepts, and
 * reads it the same; nor does it refuse for another reason:
 *
 *     value ──► template matches? ──yes──► fields read in place ──all plain──► scanned
 *                     │ no                        │ escape, not ASCII, too long, odd number or instant
 *                     ▼                           ▼
 *                  refusal ──────sure─────────────────────────────────────────► rejected
 *                     │ not sure
 *                     ▼
 *                   exact scan ──────────────────────────────────────────────► scanned or rejected
 *                     └─ accepted: its template is learned
 *
 * What the kernel has followed a template through is mostly bad: of that the refusal is asked first.
 */
class FastScan {
  readonly #cursor = new Cursor()
  readonly #minutes = new Minutes()
  readonly #types = new Names(knownType)
  readonly #names = new Names((text) => text)
  readonly #refusal = new Refusal()
  readonly #followed: Followed = { fields: new Uint8Array(0), values: 0, at: Infinity }
  readonly #templates: Template[] = []
  #last: Template | undefined
  #slow = 0
  readonly #scanned = blankScanned()
  /** Of each text that will be read, what the cursor said of it. */
  readonly #froms = new Int32Array(fieldCount)
  readonly #lengths = new Int32Array(fieldCount)
  readonly #tails = new Int32Array(fieldCount)
  readonly #learned: (templates: readonly Template[]) => void

  constructor(learned: (templates: readonly Template[]) => void) {
    this.#learned = learned
  }

  readonly scan: Scan = (value, followed) => {
    if (value === null) return exact(null)
    const quick =
      followed === undefined
        ? (this.#plain(value) ?? this.#refusal.of(value, this.#followed))
        : (this.#refusal.of(value, followed) ?? this.#plain(value))
    if (quick !== undefined) return quick
    const result = exact(value)
    if (result.ok) this.#learn(value)
    return result
  }

  /** Reads what a template fits. */
  #plain(value: Span): Scanned | undefined {
    const cursor = this.#cursor
    cursor.open(value)
    this.#followed.at = Infinity
    if (this.#last !== undefined && this.#follows(this.#last)) return this.#scanned
    for (const template of this.#templates) {
      if (template === this.#last) continue
      cursor.open(value)
      if (!this.#follows(template)) continue
      this.#last = template
      return this.#scanned
    }
    return undefined
  }

  #follows(template: Template): boolean {
    const cursor = this.#cursor
    const followed = this.#followed
    for (let number = 0; number < fieldCount; number += 1) {
      if (!cursor.piece(template, number)) return false
      followed.fields = template.fields
      followed.values = number
      followed.at = cursor.valueStart()
      if (!this.#value(template.fields[number] ?? 0)) return false
    }
    if (!cursor.piece(template, fieldCount) || !cursor.atEnd()) return false
    this.#keep()
    return true
  }

  /** Passes the value of a field; false when it is not plain or not allowed. */
  #value(number: number): boolean {
    const cursor = this.#cursor
    const scanned = this.#scanned
    switch (number) {
      case field.timestamp:
        scanned.time = cursor.instant(this.#minutes)
        return scanned.time >= 0
      case field.duration_ms:
        scanned.duration = cursor.whole()
        return scanned.duration >= 0 && scanned.duration <= longestDuration
      case field.event_type:
        return cursor.text(nameBytes) && this.#type()
      case field.event_id:
        return cursor.text(idBytes) && cursor.length > 0
      case field.page_category:
      case field.country:
        return cursor.text(nameBytes)
      default:
        return this.#place(number)
    }
  }

  /** Passes a text that will be read. */
  #place(number: number): boolean {
    const cursor = this.#cursor
    if (!cursor.text(bounds[number] ?? 0)) return false
    this.#froms[number] = cursor.from
    this.#lengths[number] = cursor.length
    this.#tails[number] = cursor.tail
    return cursor.length > 0 || number === field.referrer
  }

  /** Reads the texts that were passed. That costs more than to pass them, and most values that no template fits are bad. */
  #keep(): void {
    const scanned = this.#scanned
    hashInto(scanned.user, this.#text(field.user_id))
    hashInto(scanned.session, this.#text(field.session_id))
    scanned.page = this.#names.read(this.#text(field.page_url)) ?? ''
    scanned.referrer = this.#names.read(this.#text(field.referrer)) ?? ''
    scanned.device = this.#names.read(this.#text(field.device_type)) ?? ''
  }

  /** The cursor, as it was when it had passed the text. */
  #text(number: number): Cursor {
    const cursor = this.#cursor
    cursor.from = this.#froms[number] ?? 0
    cursor.length = this.#lengths[number] ?? 0
    cursor.tail = this.#tails[number] ?? 0
    return cursor
  }

  #type(): boolean {
    const type = this.#types.read(this.#cursor)
    if (type !== undefined) this.#scanned.eventType = type
    return type !== undefined
  }

  #learn(value: Span): void {
    this.#slow += 1
    if (this.#templates.length === mostTemplates && this.#slow < slowBefore) return
    const template = templateOf(decoder.decode(bytesAt(value)))
    if (template === undefined) return
    this.#templates.unshift(template)
    this.#templates.length = Math.min(this.#templates.length, mostTemplates)
    this.#slow = 0
    this.#learned(this.#templates)
  }
}

/**
 * A scan that reads plain events fast, refuses most others as fast, and reads the rest exactly. It learns, so one of them serves all partitions; `learned`
 * is told the templates when there is a new one.
 */
export const fastScan = (learned: (templates: readonly Template[]) => void = () => {}): Scan =>
  new FastScan(learned).scan
