import assert from 'node:assert/strict'
import { test } from 'node:test'
import { elapsed } from './progress.ts'

test('times read as people say them', () => {
  assert.deepEqual([420, 9_960, 12_400, 59_600, 60_000, 280_000].map(elapsed), [
    '0.4s',
    '10s',
    '12s',
    '1m00s',
    '1m00s',
    '4m40s',
  ])
})
