import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instants } from './instant.ts'

test('an instant reads as Date writes it, on leap days, at turns of years and before the epoch', () => {
  const instant = instants()
  assert.equal(instant(0), '1970-01-01T00:00:00.000Z')
  assert.equal(instant(1_709_251_199_999), '2024-02-29T23:59:59.999Z')
  assert.equal(instant(1_709_251_200_000), '2024-03-01T00:00:00.000Z')
  assert.equal(instant(4_107_542_400_007), '2100-03-01T00:00:00.007Z')
  assert.equal(instant(-1), '1969-12-31T23:59:59.999Z')
})

test('every day of 150 years reads as Date writes it', () => {
  const instant = instants()
  for (let time = 12_345; time < 150 * 365.25 * 86_400_000; time += 86_400_000 + 777_777) {
    assert.equal(instant(time), new Date(time).toISOString())
  }
})
