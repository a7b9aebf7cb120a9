import type { ClickEvent } from '../event.ts'

/**
 * The JSON text of a generated event. Nothing is escaped: every string of this folder is printable ASCII
 * without quotes and backslashes, which its test holds.
 */
export const eventText = (event: ClickEvent): string =>
  `{"event_id":"${event.event_id}","timestamp":"${event.timestamp}","user_id":"${event.user_id}","session_id":"${event.session_id}","event_type":"${event.event_type}","page_url":"${event.page_url}","page_category":"${event.page_category}","referrer":"${event.referrer}","device_type":"${event.device_type}","country":"${event.country}","duration_ms":${event.duration_ms}}`
