import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bounded, ranked } from './counts.ts'

test('counts are ranked by number, then by name', () => {
  assert.deepEqual(ranked({ '10': 1, b: 5, a: 5, c: 9 }), [
    ['c', 9],
    ['a', 5],
    ['b', 5],
    ['10', 1],
  ])
})

test('what exceeds a bound is summed up with what was summed up before', () => {
  assert.deepEqual(bounded({ a: 5, b: 4, c: 2, d: 1, __other__: 10 }, 2), { a: 5, b: 4, __other__: 13 })
  assert.deepEqual(bounded({ a: 5, b: 4 }, 2), { a: 5, b: 4 })
})
