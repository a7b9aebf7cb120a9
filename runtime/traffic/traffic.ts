import type { ClickEvent, EventType } from '../event.ts'
import { crowd, type Session, step } from './crowd.ts'
import { eventWriter, type Sheet } from './event-text.ts'
import { instants } from './instant.ts'
import type { Visitor } from './population.ts'
import { randomFrom } from './random.ts'
import type { Page } from './site.ts'
import { durationOf } from './visit.ts'
import { drawId, idText, type Id } from './event-id.ts'

/** The clicks of a population of visitors. */
export interface Traffic {
  /** The event that happens at `time`, in milliseconds since the epoch. Times must not fall. */
  next(time: number): ClickEvent
  /** Draws that event without making it, and tells who did it. */
  draw(time: number): Visitor
  /** Writes the JSON text of the event that was drawn last, as `eventText` would make it. */
  readonly write: (sheet: Sheet) => void
}

/** An event in parts; its id is used again for the next one. */
export interface Click {
  time: number
  id: Id
  session: Session
  type: EventType
  page: Page
  duration: number
}

/**
 * Sessions of `users` visitors at about `rate` events per second. The same seed and the same times give the
 * same events.
 */
export const traffic = (options: { seed: string; users: number; rate: number }): Traffic => {
  const random = randomFrom(options.seed)
  const instant = instants()
  const writeEvent = eventWriter()
  const sessionAt = crowd({ ...options, random })
  const id: Id = new Uint32Array(4)
  let click: Click | undefined
  const draw = (time: number): Click => {
    const session = sessionAt(time)
    const { type, page } = step(session, random)
    drawId(id, random)
    return { time, id, session, type, page, duration: durationOf(type, random) }
  }
  return {
    next(time) {
      const { session, type, page, duration } = draw(time)
      return {
        event_id: idText(id),
        timestamp: instant(time),
        user_id: session.who.user,
        session_id: session.id,
        event_type: type,
        page_url: page.url,
        page_category: session.visit.category.name,
        referrer: session.referrer,
        device_type: session.who.device,
        country: session.who.country,
        duration_ms: duration,
      }
    },
    draw(time) {
      click = draw(time)
      return click.session.who
    },
    write: (sheet) => {
      if (click !== undefined) writeEvent(click, sheet)
    },
  }
}
