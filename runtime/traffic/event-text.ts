import type { EventType } from '../event.ts'
import { renderInstant } from '../stream/instant.ts'
import { overwriteId } from './event-id.ts'
import type { Visitor } from './population.ts'
import type { Click } from './traffic.ts'
import type { Visit } from './visit.ts'

/**
 * Events as bytes without strings on the way: a generator at full rate would spend most of its time on joining and
 * copying them. Most of an event is the same for its session, and is kept as bytes.
 */

/** Where text is written; `end` moves behind it. */
export interface Sheet {
  bytes: Uint8Array
  end: number
}

/** No event of a simulated visitor takes more bytes. */
export const longestEvent = 512

/** The bytes of a session's events before the type, from the user on, and after the page, up to the duration. */
export interface CommonText {
  before: Uint8Array
  after: Uint8Array
}

/** For text of this folder, which is ASCII; several times as fast as a TextEncoder. */
const encode = (text: string): Uint8Array => Buffer.from(text, 'latin1')

export const commonText = (session: {
  who: Visitor
  id: string
  referrer: string
  visit: Visit
}): CommonText => {
  const { who, id, referrer, visit } = session
  return {
    before: encode(`","user_id":"${who.user}","session_id":"${id}","event_type":"`),
    after: encode(
      `","page_category":"${visit.category.name}","referrer":"${referrer}","device_type":"${who.device}","country":"${who.country}","duration_ms":`,
    ),
  }
}

const types: Record<EventType, Uint8Array> = {
  page_view: encode('page_view","page_url":"'),
  click: encode('click","page_url":"'),
  add_to_cart: encode('add_to_cart","page_url":"'),
  purchase: encode('purchase","page_url":"'),
  search: encode('search","page_url":"'),
}

const begin = '{"event_id":"'
const noId = '00000000-0000-4000-8000-000000000000'
const idAt = begin.length
const timeAt = idAt + noId.length + '","timestamp":"'.length
const zero = 48

const put = (sheet: Sheet, part: Uint8Array): void => {
  sheet.bytes.set(part, sheet.end)
  sheet.end += part.length
}

const putNumber = (sheet: Sheet, value: number): void => {
  let power = 1
  while (power * 10 <= value) power *= 10
  for (; power >= 1; power /= 10) sheet.bytes[sheet.end++] = zero + (Math.floor(value / power) % 10)
}

/** Writes events. It remembers the last second it wrote: a stream of events costs three digits for each. */
export const eventWriter = (): ((click: Click, sheet: Sheet) => void) => {
  const head = encode(`${begin}${noId}","timestamp":"${renderInstant(0)}`)
  const millisecondsAt = head.length - 'mmmZ'.length
  let second = 0
  const headOf = ({ time, id }: Click): Uint8Array => {
    overwriteId(head, idAt, id)
    const wanted = Math.floor(time / 1_000)
    if (wanted !== second) {
      second = wanted
      head.set(encode(renderInstant(wanted * 1_000)), timeAt)
    }
    const milliseconds = time - wanted * 1_000
    head[millisecondsAt] = zero + Math.floor(milliseconds / 100)
    head[millisecondsAt + 1] = zero + (Math.floor(milliseconds / 10) % 10)
    head[millisecondsAt + 2] = zero + (milliseconds % 10)
    return head
  }
  return (click, sheet) => {
    const { session, type, page, duration } = click
    put(sheet, headOf(click))
    put(sheet, session.text.before)
    put(sheet, types[type])
    put(sheet, page.bytes)
    put(sheet, session.text.after)
    putNumber(sheet, duration)
    sheet.bytes[sheet.end++] = 125 // }
  }
}
