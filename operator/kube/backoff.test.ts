import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Backoff } from './backoff.ts'

const delays = (backoff: Backoff, n: number): number[] => Array.from({ length: n }, () => backoff.next())

test('the backoff doubles from 0.8 s to 15 s, stretched by up to its own length', () => {
  assert.deepEqual(delays(new Backoff(() => 0), 8), [800, 1600, 3200, 6400, 12_800, 15_000, 15_000, 15_000])
  assert.deepEqual(delays(new Backoff(() => 0.5), 6), [1200, 2400, 4800, 9600, 15_000, 15_000])
})

test('where it was well it begins anew', () => {
  const backoff = new Backoff(() => 0)
  delays(backoff, 5)
  backoff.reset()
  assert.deepEqual(delays(backoff, 2), [800, 1600])
})
