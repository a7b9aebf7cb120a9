import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClickEvent } from '../event.ts'
import { eventText } from './encode.ts'
import { longestEvent } from './event-text.ts'
import { traffic } from './traffic.ts'

const start = Date.parse('2026-01-31T12:00:00Z')

/** `count` events at a steady rate. */
const stream = ({ seed = 'seed', users = 100, rate = 10, count = 30_000 } = {}): ClickEvent[] => {
  const source = traffic({ seed, users, rate })
  return Array.from({ length: count }, (_, n) => source.next(start + Math.floor((n * 1_000) / rate)))
}

const grouped = (events: ClickEvent[], field: keyof ClickEvent): Map<unknown, ClickEvent[]> =>
  Map.groupBy(events, (event) => event[field])

const share = (events: ClickEvent[], of: Partial<ClickEvent>): number =>
  events.filter((event) =>
    Object.entries(of).every(([k, v]) => Object.entries(event).some(([a, b]) => a === k && b === v)),
  ).length / events.length

test('the same seed and times give the same bytes, another seed gives others', () => {
  const text = (seed: string): string => stream({ seed, count: 2_000 }).map(eventText).join('\n')
  assert.equal(text('a'), text('a'))
  assert.notEqual(text('a'), text('b'))
})

test('an event reads back from its JSON text with the fields of the contract', () => {
  for (const event of stream({ count: 5_000 })) {
    const text = eventText(event)
    assert.match(text, /^[\x20-\x7e]+$/)
    assert.deepEqual(JSON.parse(text), event)
  }
})

test('what is written is the JSON text of the event that the same seed makes', () => {
  const users = 1_000_000
  const [made, written] = [0, 1].map(() => traffic({ seed: 'seed', users, rate: 1_000 }))
  const sheet = { bytes: new Uint8Array(longestEvent), end: 0 }
  for (let n = 0; n < 5_000; n += 1) {
    const event = made?.next(start + n * 7)
    const who = written?.draw(start + n * 7)
    written?.write(Object.assign(sheet, { end: 0 }))
    assert.equal(Buffer.from(sheet.bytes.subarray(0, sheet.end)).toString(), event && eventText(event))
    assert.deepEqual([who?.user, String(Buffer.from(who?.key ?? []))], [event?.user_id, event?.user_id])
  }
})

test('ids and times have their shapes, and event ids are unique', () => {
  const events = stream()
  for (const event of events) {
    assert.match(event.event_id, /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    assert.match(event.session_id, /^sess_[\da-f]{12}$/)
    assert.match(event.user_id, /^user_([1-9]\d?|100)$/)
    assert.ok(Number.isInteger(event.duration_ms) && event.duration_ms > 0)
  }
  assert.equal(events[10]?.timestamp, '2026-01-31T12:00:01.000Z')
  assert.equal(new Set(events.map((event) => event.event_id)).size, 30_000)
})

test('a session belongs to one user, keeps its referrer, begins with a page view and lasts minutes', () => {
  const sessions = grouped(stream(), 'session_id')
  for (const events of sessions.values()) {
    const first = events[0]
    assert.equal(first?.event_type, 'page_view')
    assert.ok(events.every((e) => e.user_id === first?.user_id && e.referrer === first?.referrer))
    const last = events.at(-1)
    assert.ok(Date.parse(last?.timestamp ?? '') - Date.parse(first?.timestamp ?? '') <= 12 * 60_000)
  }
  const length = 30_000 / sessions.size
  assert.ok(length > 8 && length < 30, `${length} events in a session`)
})

test('every purchase follows an add_to_cart of its session that was not bought before', () => {
  let purchases = 0
  for (const events of grouped(stream(), 'session_id').values()) {
    let inCart = 0
    for (const { event_type: type } of events) {
      if (type === 'add_to_cart') inCart += 1
      if (type !== 'purchase') continue
      assert.ok(inCart > 0, events.map((event) => event.event_type).join())
      inCart = 0
      purchases += 1
    }
  }
  assert.ok(purchases > 500, `${purchases} purchases`)
})

test('a user keeps device and country in every session, also in the traffic of another replica', () => {
  const events = [...stream(), ...stream({ seed: 'other' })]
  for (const own of grouped(events, 'user_id').values()) {
    assert.equal(new Set(own.map((event) => `${event.device_type} ${event.country}`)).size, 1)
  }
})

test('the mix looks like a shop', () => {
  const events = stream({ users: 5_000, rate: 100, count: 60_000 })
  const between = (of: Partial<ClickEvent>, least: number, most: number): void => {
    const found = share(events, of)
    assert.ok(found >= least && found <= most, `${JSON.stringify(of)}: ${found}`)
  }
  between({ event_type: 'page_view' }, 0.4, 0.6)
  between({ event_type: 'click' }, 0.2, 0.35)
  between({ event_type: 'search' }, 0.04, 0.15)
  between({ event_type: 'add_to_cart' }, 0.03, 0.12)
  between({ event_type: 'purchase' }, 0.01, 0.06)
  between({ device_type: 'mobile' }, 0.5, 0.62)
  between({ referrer: 'google.com' }, 0.37, 0.47)
  between({ page_url: '/products/laptop' }, 0.08, 0.3)
})

test('few visitors are much more active than most', () => {
  const counts = [...grouped(stream(), 'user_id').values()]
    .map((events) => events.length)
    .sort((a, b) => b - a)
  assert.equal(counts.length, 100)
  assert.ok((counts[0] ?? 0) > 10 * (counts[99] ?? 0), `${counts[0]} and ${counts[99]}`)
})

test('of a large population only those are there who make the rate', () => {
  const events = stream({ users: 1_000_000, rate: 50, count: 20_000 })
  const users = grouped(events, 'user_id').size
  assert.ok(users > 400 && users < 3_000, `${users} users`)
  assert.ok(grouped(events, 'session_id').size < 3_000)
})

test('one visitor alone makes any rate', () => {
  const events = stream({ users: 1, rate: 50_000, count: 50_000 })
  assert.equal(grouped(events, 'user_id').size, 1)
  assert.ok(grouped(events, 'session_id').size > 1_000)
})
