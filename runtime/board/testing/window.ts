import type { WindowResult } from '../../stream/result.ts'
import type { Window } from '../board.ts'

/** A window of one minute from `start` on with plausible numbers, for tests. */
export const aWindow = (start: number, given: Partial<WindowResult> = {}): Window => ({
  start,
  end: start + 60_000,
  result: {
    pipeline: 'clickstream',
    window_start: new Date(start).toISOString(),
    window_end: new Date(start + 60_000).toISOString(),
    total_events: 600,
    unique_users: 97,
    unique_sessions: 141,
    event_types: { page_view: 300, click: 180, search: 60, add_to_cart: 40, purchase: 20 },
    devices: { mobile: 340, desktop: 215, tablet: 45 },
    top_referrers: { 'google.com': 251, direct: 150, 'x.com': 84 },
    top_pages: { '/home': 160, '/products/laptop': 120, '/products': 91, '/blog': 40, '/cart': 22 },
    avg_duration_ms: 5162,
    late_events: 0,
    invalid_events: 0,
    exact: true,
    clipped: false,
    generation: 1,
    ...given,
  },
})
