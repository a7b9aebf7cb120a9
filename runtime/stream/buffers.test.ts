import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Buffers } from './buffers.ts'

test('a buffer is as long as it was asked for, and shares nothing until it is given back', () => {
  const buffers = new Buffers()
  const lengths = [0, 1, 2, 3, 4, 5, 1_023, 1_024, 1_025]
  const taken = lengths.map((length, index) => buffers.take(length).fill(index))
  assert.deepEqual(
    taken.map(({ length }) => length),
    lengths,
  )
  for (const [index, buffer] of taken.entries()) assert.ok(buffer.every((byte) => byte === index))
})

test('what is given back is taken again for a length that needs the same power of two', () => {
  const buffers = new Buffers()
  const first = buffers.take(1_000)
  buffers.give(first)
  assert.notEqual(buffers.take(1_025).buffer, first.buffer)
  assert.notEqual(buffers.take(512).buffer, first.buffer)
  assert.equal(buffers.take(513).buffer, first.buffer)
  assert.notEqual(buffers.take(513).buffer, first.buffer)
})

test('at most four megabytes are kept', () => {
  const buffers = new Buffers()
  const taken = Array.from({ length: 5 }, () => buffers.take(1_000_000))
  for (const buffer of taken) buffers.give(buffer)
  const again = taken.map(() => buffers.take(1_000_000).buffer)
  assert.equal(again.filter((buffer) => taken.some((one) => one.buffer === buffer)).length, 4)
})
