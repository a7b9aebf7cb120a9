import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exceeds } from './quantity.ts'

for (const [one, other] of [
  ['2', '1999m'],
  [1, '0.9'],
  ['1.005', '1004m'],
  ['1Gi', '1G'],
  ['1Ki', '1k'],
  ['1025Mi', '1Gi'],
  ['1T', '999G'],
  ['9007199254740993', '9007199254740992'],
] as const) {
  test(`${one} is more than ${other}`, () => {
    assert.equal(exceeds(one, other), true)
    assert.equal(exceeds(other, one), false)
  })
}

for (const [one, other] of [
  ['1005m', '1.005'],
  ['0.5Gi', '512Mi'],
  [3, '3.0'],
  ['lots', '1'],
  ['1', 'lots'],
  [undefined, '1'],
  ['1', undefined],
] as const) {
  test(`neither of ${one} and ${other} is more than the other`, () => {
    assert.equal(exceeds(one, other), false)
    assert.equal(exceeds(other, one), false)
  })
}
