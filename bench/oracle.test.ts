import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClickEvent } from '../runtime/event.ts'
import { Oracle } from './oracle.ts'

const event: ClickEvent = {
  event_id: 'e',
  timestamp: '',
  user_id: 'user_1',
  session_id: 's1',
  event_type: 'click',
  page_url: '/home',
  page_category: 'books',
  referrer: 'email',
  device_type: 'tablet',
  country: 'DE',
  duration_ms: 10,
}
const first = {
  window_start: '1970-01-01T00:00:00.000Z',
  total_events: 2,
  unique_users: 1,
  unique_sessions: 2,
  event_types: { click: 2 },
  devices: { tablet: 2 },
  top_referrers: { email: 1, direct: 1 },
  top_pages: { '/home': 2 },
  avg_duration_ms: 13,
}
const second = {
  ...first,
  window_start: '1970-01-01T00:00:10.000Z',
  total_events: 1,
  unique_sessions: 1,
  event_types: { click: 1 },
  devices: { tablet: 1 },
  top_referrers: { email: 1 },
  top_pages: { '/home': 1 },
  avg_duration_ms: 10,
}

const oracle = () => {
  const made = new Oracle(10_000)
  made.count(0, event)
  made.count(9_999, { ...event, session_id: 's2', referrer: 'direct', duration_ms: 15 })
  made.count(10_000, event)
  return made
}

test('results that are right have no problems, whatever comes after the last event', () => {
  const after = { ...second, window_start: '1970-01-01T00:00:20.000Z' }
  assert.deepEqual(oracle().problems([first, second, after]), [])
  assert.equal(oracle().windows, 2)
  assert.equal(oracle().end, 20_000)
})

test('a window that is missing, came twice or has no events is told', () => {
  const before = { ...second, window_start: '1969-12-31T23:59:50.000Z' }
  assert.deepEqual(oracle().problems([before, first, first]), [
    'window 1970-01-01T00:00:00.000Z came twice',
    'window 1970-01-01T00:00:10.000Z is missing',
    'window 1969-12-31T23:59:50.000Z has no events',
  ])
})

test('every wrong field is told', () => {
  const wrong = {
    window_start: first.window_start,
    total_events: 3,
    unique_users: 2,
    unique_sessions: 1,
    event_types: { click: 1, search: 1 },
    devices: {},
    top_referrers: { email: 1 },
    top_pages: { '/home': 1 },
    avg_duration_ms: 12,
  }
  const told = oracle()
    .problems([wrong, second])
    .map((problem) => problem.split(' ')[2])
  assert.deepEqual(told, Object.keys(first).slice(1))
})

test('of equal counts the name that comes first is among the highest', () => {
  const made = new Oracle(10_000)
  for (const referrer of ['d', 'c', 'b', 'a', 'd']) made.count(0, { ...event, referrer })
  const result = { ...first, total_events: 5, unique_sessions: 1, avg_duration_ms: 10 }
  const five = { event_types: { click: 5 }, devices: { tablet: 5 }, top_pages: { '/home': 5 } }
  assert.deepEqual(made.problems([{ ...result, ...five, top_referrers: { d: 2, a: 1, b: 1 } }]), [])
})
