import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DeadLetters, Letters } from './dead-letter.ts'

const place = { topic: 'shop-events', partition: 3 }
const refusal = { reason: 'NotJson', detail: 'the value is not one JSON text' } as const
const record = (key: Uint8Array | null, value: Uint8Array | null) => ({ offset: 7, timestamp: 1, key, value })

const letterOf = (key: Uint8Array | null, value: Uint8Array | null) => {
  const letters = new Letters(place)
  letters.add(record(key, value), refusal)
  const letter = letters.at(0)
  assert.ok(letter)
  return letter
}

test('a dead letter has key and value as they came, as copies, and says why and where from', () => {
  const [key, value] = [Uint8Array.of(1), Uint8Array.of(0xff, 0xfe)]
  const letter = letterOf(key, value)
  key.fill(0)
  value.fill(0)
  assert.deepEqual(letter, {
    key: Uint8Array.of(1),
    value: Uint8Array.of(0xff, 0xfe),
    common: {
      reason: 'NotJson',
      detail: 'the value is not one JSON text',
      topic: 'shop-events',
      partition: '3',
    },
    headers: { offset: '7' },
  })
})

test('no key and no value are not an empty key and an empty value', () => {
  const { key, value } = letterOf(null, null)
  assert.deepEqual([key, value], [null, null])
  assert.deepEqual(letterOf(new Uint8Array(), new Uint8Array()).value, new Uint8Array())
  assert.deepEqual(letterOf(null, Uint8Array.of(1)).value, Uint8Array.of(1))
})

test('a value of 1 MB passes whole', () => {
  const letter = letterOf(null, new Uint8Array(1_000_000))
  assert.equal(letter.value?.length, 1_000_000)
  assert.equal(letter.headers?.['truncated'], undefined)
})

test('what a broker would not take by default is cut, and says how long it was', () => {
  const letter = letterOf(new Uint8Array(500_000), new Uint8Array(3_000_000))
  assert.ok((letter.key?.length ?? 0) + (letter.value?.length ?? 0) < 1_048_000)
  assert.ok((letter.value?.length ?? 0) > 900_000)
  assert.equal(letter.headers?.['truncated'], '3000000')
})

test('letters are given once, in their order, and what they take is told until then', () => {
  const letters = new DeadLetters(place)
  for (const length of [3, 4]) letters.add(record(new Uint8Array(1), new Uint8Array(length)), refusal)
  assert.deepEqual([letters.count, letters.bytes], [2, 9])
  assert.deepEqual(
    [...letters.take()].map(({ value }) => value?.length),
    [3, 4],
  )
  assert.deepEqual([letters.count, letters.bytes, letters.take().length], [0, 0, 0])
})

test('letters that were taken stay as they are while others come, until these are taken', () => {
  const letters = new DeadLetters(place)
  const valuesOf = (taken: Letters) => [...taken].map(({ value }) => value?.[0])
  letters.add(record(null, Uint8Array.of(1)), refusal)
  const first = letters.take()
  letters.add(record(null, Uint8Array.of(2)), refusal)
  assert.deepEqual(valuesOf(first), [1])
  assert.deepEqual(valuesOf(letters.take()), [2])
  letters.add(record(null, Uint8Array.of(3)), refusal)
  assert.deepEqual(valuesOf(letters.take()), [3])
})

test('letters that came before more memory was needed are whole', () => {
  const letters = new Letters(place)
  for (let value = 1; value <= 3; value += 1)
    letters.add(record(null, new Uint8Array(3_000).fill(value)), refusal)
  for (const [index, { value }] of [...letters].entries())
    assert.deepEqual(value, new Uint8Array(3_000).fill(index + 1))
})

test('the memory of many large letters is kept as long as they come, that of few always', () => {
  const memoryOf = (letters: Letters) => letters.at(0)?.value?.buffer.byteLength ?? 0
  const letters = new Letters(place)
  const flood = () => {
    letters.clear()
    for (let i = 0; i < 3; i += 1) letters.add(record(null, new Uint8Array(900_000)), refusal)
    return letters.at(0)?.value?.buffer
  }
  const memory = flood()
  assert.ok(memoryOf(letters) > 1_048_576)
  assert.equal(flood(), memory)
  letters.clear()
  assert.equal(letters.at(0), undefined)
  letters.clear() // none came
  letters.add(record(null, new Uint8Array(5_000)), refusal)
  const kept = memoryOf(letters)
  assert.ok(kept < 10_000)
  letters.clear()
  letters.add(record(null, new Uint8Array(1)), refusal)
  assert.equal(memoryOf(letters), kept)
})
