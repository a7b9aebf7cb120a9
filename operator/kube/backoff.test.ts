import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reflectorBackoff } from './backoff.ts'

test('the backoff doubles from 0.8 s to 30 s, stretched by up to its own length', () => {
  const short = reflectorBackoff({ now: () => 0, random: () => 0 })
  assert.deepEqual(Array.from({ length: 8 }, short), [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000])
  const long = reflectorBackoff({ now: () => 0, random: () => 0.5 })
  assert.deepEqual(Array.from({ length: 6 }, long), [1200, 2400, 4800, 9600, 19_200, 30_000])
})

test('after two minutes of health it starts over', () => {
  let now = 0
  const backoff = reflectorBackoff({ now: () => now, random: () => 0 })
  assert.deepEqual([backoff(), backoff()], [800, 1600])
  now = 1600 + 120_000
  assert.equal(backoff(), 3200)
  now += 3200 + 120_001
  assert.equal(backoff(), 800)
})
