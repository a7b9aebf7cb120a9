import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { clickEvent } from '../../test/inputs/event.ts'
import { malformed, unreadable, unusual } from '../../test/inputs/malformed.ts'
import { eventTypes } from '../event.ts'
import { spanOf } from '../span.ts'
import { scan as scanSpan } from './exact.ts'

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const good = clickEvent()
const scan = (value: Uint8Array | null) => scanSpan(value === null ? null : spanOf(value))

const accepted = (value: Uint8Array) => {
  const result = scan(value)
  assert.ok(result.ok, result.ok ? '' : result.detail)
  return result
}

describe('a value that is no event is refused with its reason', () => {
  for (const { name, value, reason } of unreadable)
    test(name, () => {
      const result = scan(value)
      assert.equal(result.ok ? 'ok' : result.reason, reason)
    })
})

test('the table names at least forty kinds, each once', () => {
  assert.ok(malformed.length >= 40)
  assert.equal(new Set(malformed.map(({ name }) => name)).size, malformed.length)
})

describe('a value that only looks bad is an event', () => {
  for (const { name, value } of unusual(good.timestamp))
    test(name, () => {
      assert.equal(accepted(value).time, 1_769_903_999_123)
    })
})

test('a good event gives what the fold needs', () => {
  const result = accepted(encode(good))
  assert.equal(result.time, 1_769_903_999_123)
  assert.equal(result.eventType, 'page_view')
  assert.equal(result.page, '/home')
  assert.equal(result.referrer, 'google')
  assert.equal(result.device, 'mobile')
  assert.equal(result.duration, 120)
})

test('users differ by their hash, and the same user has the same', () => {
  const first = { ...accepted(encode(good)).user }
  const again = { ...accepted(encode(good)).user }
  const other = { ...accepted(encode({ ...good, user_id: 'user-2' })).user }
  assert.deepEqual(again, first)
  assert.notDeepEqual(other, first)
})

test('every kind of event is read', () => {
  for (const type of eventTypes) assert.equal(accepted(encode({ ...good, event_type: type })).eventType, type)
})

test('bounds are reached without being crossed', () => {
  accepted(encode({ ...good, duration_ms: 0 }))
  accepted(encode({ ...good, duration_ms: 604_800_000 }))
  accepted(encode({ ...good, user_id: 'u'.repeat(1_024) }))
  accepted(encode({ ...good, page_url: 'ü'.repeat(2_048) }))
  accepted(encode({ ...good, referrer: '', country: '', page_category: '' }))
  accepted(encode({ ...good, timestamp: '1970-01-01T00:00:00Z' }))
})

test('what python writes is read: microseconds, zone as an offset, spaces after separators', () => {
  const text = JSON.stringify({ ...good, timestamp: '2026-01-31T23:59:59.123456+00:00' })
  assert.equal(accepted(new TextEncoder().encode(text.replaceAll(',"', ', "'))).time, 1_769_903_999_123)
})

test('escapes, other fields and repeated keys mean what JSON says', () => {
  const text = JSON.stringify(good)
  const escaped = text.replace('"user_id"', String.raw`"\u0075ser_id"`)
  const repeated = text.replace('{', '{"page_url":"/first","__proto__":{"page_url":"/never"},"n":[1,{}],')
  assert.equal(accepted(new TextEncoder().encode(escaped)).page, '/home')
  assert.equal(accepted(new TextEncoder().encode(repeated)).page, '/home')
  assert.equal(accepted(new TextEncoder().encode(text.replace(':120', ':1.2e2'))).duration, 120)
})

test('no bytes make the scan throw, and no detail quotes them', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((json) => new TextEncoder().encode(json)),
      ),
      (bytes) => {
        const result = scan(bytes)
        assert.equal(result.ok, false)
        if (!result.ok) assert.match(result.detail, /^[\w ,.-]{1,120}$/)
      },
    ),
  )
})
