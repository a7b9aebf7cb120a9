import type { ClickEvent } from '../../runtime/event.ts'

/** A good event, with the given fields replaced. */
export const clickEvent = (changes: Partial<ClickEvent> = {}): ClickEvent => ({
  event_id: 'event-1',
  timestamp: '2026-01-31T23:59:59.123456Z',
  user_id: 'user-1',
  session_id: 'session-1',
  event_type: 'page_view',
  page_url: '/home',
  page_category: 'home',
  referrer: 'google',
  device_type: 'mobile',
  country: 'DE',
  duration_ms: 120,
  ...changes,
})
