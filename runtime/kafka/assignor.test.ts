import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { assign, type Member } from './assignor.ts'

const spread = (members: readonly Member[], count: number) => Object.fromEntries(assign(members, count))

test('new members share the partitions evenly', () => {
  const members = [
    { id: 'a', owned: [] },
    { id: 'b', owned: [] },
  ]
  assert.deepEqual(spread(members, 5), { a: [0, 1, 2], b: [3, 4] })
})

test('a member that comes takes half, and the other keeps the rest', () => {
  const members = [
    { id: 'b', owned: [] },
    { id: 'a', owned: [0, 1, 2, 3, 4, 5] },
  ]
  assert.deepEqual(spread(members, 6), { a: [0, 1, 2], b: [3, 4, 5] })
})

test('the larger share stays with who has more', () => {
  const members = [
    { id: 'a', owned: [] },
    { id: 'b', owned: [0, 1, 2] },
  ]
  assert.deepEqual(spread(members, 3), { a: [2], b: [0, 1] })
})

test('when one leaves, the others keep what they have', () => {
  const members = [
    { id: 'a', owned: [2, 5] },
    { id: 'c', owned: [1, 4] },
  ]
  assert.deepEqual(spread(members, 6), { a: [0, 2, 5], c: [1, 3, 4] })
})

test('new partitions go to who has the least', () => {
  const members = [
    { id: 'a', owned: [0, 1] },
    { id: 'b', owned: [2] },
  ]
  assert.deepEqual(spread(members, 4), { a: [0, 1], b: [2, 3] })
})

test('a partition that two say they have, or that is gone, goes to one at most', () => {
  const members = [
    { id: 'a', owned: [0, 9] },
    { id: 'b', owned: [0] },
  ]
  assert.deepEqual(spread(members, 2), { a: [0], b: [1] })
})

test('members beyond the number of partitions get none', () => {
  const members = ['a', 'b', 'c'].map((id) => ({ id, owned: [] }))
  assert.deepEqual(spread(members, 2), { a: [0], b: [1], c: [] })
})

test('each partition goes to exactly one member, and no two shares differ by more than one', () => {
  const owned = fc.array(fc.nat(40))
  fc.assert(
    fc.property(fc.array(owned, { minLength: 1, maxLength: 9 }), fc.nat(40), (lists, count) => {
      const result = assign(
        lists.map((list, index) => ({ id: `m${index}`, owned: list })),
        count,
      )
      const sizes = [...result.values()].map(({ length }) => length)
      const all = [...result.values()].flat().sort((a, b) => a - b)
      assert.deepEqual(all, [...Array(count).keys()])
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1)
    }),
  )
})
