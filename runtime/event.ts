/** What happened on the site, as the event source names it. */
export const eventTypes = ['page_view', 'click', 'add_to_cart', 'purchase', 'search'] as const
export type EventType = (typeof eventTypes)[number]

/** One clickstream event: the JSON value of a record of `<p>-events`, whose key is `user_id`. */
export interface ClickEvent {
  event_id: string
  /** ISO 8601 in UTC with up to nine fractional digits: `2026-01-31T23:59:59.123Z`. */
  timestamp: string
  user_id: string
  session_id: string
  event_type: EventType
  page_url: string
  page_category: string
  referrer: string
  device_type: string
  country: string
  /** Whole milliseconds, not negative. */
  duration_ms: number
}
