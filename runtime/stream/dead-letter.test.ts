import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deadLetter, DeadLetters } from './dead-letter.ts'

const refusal = {
  reason: 'NotJson',
  detail: 'the value is not one JSON text',
  topic: 'shop-events',
  partition: 3,
} as const
const record = (key: Uint8Array | null, value: Uint8Array | null) => ({ offset: 7, timestamp: 1, key, value })

test('a dead letter has key and value as they came, as copies, and says why and where from', () => {
  const [key, value] = [Uint8Array.of(1), Uint8Array.of(0xff, 0xfe)]
  const letter = deadLetter(record(key, value), refusal)
  key.fill(0)
  value.fill(0)
  assert.deepEqual(letter, {
    key: Buffer.of(1),
    value: Buffer.of(0xff, 0xfe),
    headers: {
      reason: 'NotJson',
      detail: 'the value is not one JSON text',
      topic: 'shop-events',
      partition: '3',
      offset: '7',
    },
  })
  assert.deepEqual(deadLetter(record(null, null), refusal).value, null)
})

test('a value of 1 MB passes whole', () => {
  const letter = deadLetter(record(null, new Uint8Array(1_000_000)), refusal)
  assert.equal(letter.value?.length, 1_000_000)
  assert.equal(letter.headers?.['truncated'], undefined)
})

test('what a broker would not take by default is cut, and says how long it was', () => {
  const letter = deadLetter(record(new Uint8Array(500_000), new Uint8Array(3_000_000)), refusal)
  assert.ok((letter.key?.length ?? 0) + (letter.value?.length ?? 0) < 1_048_000)
  assert.ok((letter.value?.length ?? 0) > 900_000)
  assert.equal(letter.headers?.['truncated'], '3000000')
})

test('letters are given once, in their order, and what they take is told until then', () => {
  const letters = new DeadLetters()
  const [one, other] = [3, 4].map((length) =>
    deadLetter(record(new Uint8Array(1), new Uint8Array(length)), refusal),
  )
  assert.ok(one && other)
  letters.add(one)
  letters.add(other)
  assert.deepEqual([letters.count, letters.bytes], [2, 9])
  assert.deepEqual(letters.take(), [one, other])
  assert.deepEqual([letters.count, letters.bytes, letters.take()], [0, 0, []])
})
