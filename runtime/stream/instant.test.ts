import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseInstant, renderInstant } from './instant.ts'

test('an instant in UTC parses with zero to nine fractional digits', () => {
  assert.equal(parseInstant('1970-01-01T00:00:00Z'), 0)
  assert.equal(parseInstant('2026-01-31T23:59:59.9Z'), 1_769_903_999_900)
  assert.equal(parseInstant('2026-01-31T23:59:59.123456Z'), 1_769_903_999_123)
  assert.equal(parseInstant('2026-01-31T23:59:59.123456789+00:00'), 1_769_903_999_123)
  assert.equal(parseInstant('2024-02-29T12:00:00Z'), 1_709_208_000_000)
})

test('what is no instant in UTC does not parse', () => {
  const wrong = [
    '',
    '2026-01-31',
    '2026-01-31 23:59:59Z',
    '2026-01-31T23:59:59',
    '2026-01-31T23:59:59+01:00',
    '2026-01-31T23:59:59.Z',
    '2026-01-31T23:59:59.1234567890Z',
    '2026-01-31T23:59:60Z',
    '2026-01-31T24:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '0070-01-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-32T00:00:00Z',
    '+002026-01-31T00:00:00Z',
    ' 2026-01-31T00:00:00Z',
    '٢٠٢٦-01-31T00:00:00Z',
  ]
  for (const text of wrong) assert.equal(parseInstant(text), undefined, text)
})

test('parsing and rendering agree with the language on every instant from 1970 to 9999', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (instant) => {
      const text = new Date(instant).toISOString()
      assert.equal(renderInstant(instant), text)
      assert.equal(parseInstant(text), instant)
    }),
  )
})
