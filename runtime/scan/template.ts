import type { ClickEvent } from '../event.ts'

/** The fields of an event by number, for the loops that read them in place. */
export const field = {
  event_id: 0,
  timestamp: 1,
  user_id: 2,
  session_id: 3,
  event_type: 4,
  page_url: 5,
  page_category: 6,
  referrer: 7,
  device_type: 8,
  country: 9,
  duration_ms: 10,
} as const satisfies Record<keyof ClickEvent, number>

const numbers = new Map<string, number>(Object.entries(field))
export const fieldCount = numbers.size

/**
 * How a producer writes its events: what stays the same in all of them, around the values.
 *
 *     {"event_id":"  …  ","timestamp":"  …  ","user_id":"  …  ,"duration_ms":  …  }
 *     └─ piece 0 ─┘  0  └── piece 1 ──┘  1  └─ piece 2 ─┘        └─ piece 10 ┘ 10 └ piece 11
 */
export interface Template {
  /** The field of each value, in the order of the values. */
  fields: Uint8Array
  /** All pieces one after the other; the quotes of texts belong to them. */
  pieces: DataView
  /** Where each piece begins, and where the last one ends. */
  starts: Uint32Array
}

/** A member whose value is a text without escapes or a whole number: what comes before the value, its key, the value. */
const member = /([ \t\n\r]*[{,][ \t\n\r]*"(\w+)"[ \t\n\r]*:[ \t\n\r]*)("[^"\\]*"|\d+)/y
const ending = /^[ \t\n\r]*\}[ \t\n\r]*$/

/**
 * The template of an event's text, undefined when the text is not plain enough: a key twice, one that no event has, an
 * escape, a number with a fraction. The text must be one that the exact scan accepts: that it is JSON, and has all
 * fields, is not asked here. So as many members as fields means that none is there twice.
 */
export const templateOf = (text: string): Template | undefined => {
  const fields: number[] = []
  const pieces: string[] = []
  let quote = ''
  let end = 0
  member.lastIndex = 0
  for (let match = member.exec(text); match !== null; match = member.exec(text)) {
    const [, before = '', key = '', value = ''] = match
    const number = numbers.get(key)
    if (number === undefined) return undefined
    const opening = value.startsWith('"') ? '"' : ''
    pieces.push(quote + before + opening)
    quote = opening
    fields.push(number)
    end = member.lastIndex
  }
  const rest = text.slice(end)
  if (fields.length !== fieldCount || !ending.test(rest)) return undefined
  return joined(fields, [...pieces, quote + rest])
}

const joined = (fields: readonly number[], pieces: readonly string[]): Template => {
  const starts = new Uint32Array(pieces.length + 1)
  for (const [index, piece] of pieces.entries()) starts[index + 1] = (starts[index] ?? 0) + piece.length
  const bytes = new TextEncoder().encode(pieces.join(''))
  return { fields: Uint8Array.from(fields), pieces: new DataView(bytes.buffer), starts }
}
