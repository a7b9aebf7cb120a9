import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeBatches, stamp } from '../kafka/batch-encode.ts'
import { RecordCursor } from '../kafka/records.ts'
import { RecordWriter } from '../record-writer.ts'
import type { LogRecord, Messages } from '../roles/log.ts'
import { fetchedBatches } from '../testing/batches.ts'
import { DeadLetters, Letters, type Refusal } from './dead-letter.ts'

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
    headers: {
      reason: 'NotJson',
      detail: 'the value is not one JSON text',
      topic: 'shop-events',
      partition: '3',
      offset: '7',
    },
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
  for (const length of [300, 400]) letters.add(record(new Uint8Array(1), new Uint8Array(length)), refusal)
  assert.equal(letters.count, 2)
  assert.ok(letters.bytes > 702 && letters.bytes < 1_000)
  assert.deepEqual(
    [...letters.take()].map(({ value }) => value?.length),
    [300, 400],
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

test('letters are counted by their reason, those of all its details together, and anew once they are taken out', () => {
  const letters = new Letters(place)
  const late: Refusal = { reason: 'Late', detail: 'by a second' }
  const later: Refusal = { reason: 'Late', detail: 'by a day' }
  for (const each of [refusal, late, later, late]) letters.add(record(null, null), each)
  assert.deepEqual(letters.reasons(), [
    [refusal.reason, 1],
    ['Late', 3],
  ])
  letters.clear()
  letters.add(record(null, null), late)
  assert.deepEqual(
    letters.reasons().filter(([, count]) => count > 0),
    [['Late', 1]],
  )
})

test('the memory of many large letters is kept until eight commits in a row needed little of it, that of few always', () => {
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
  for (let calm = 0; calm < 7; calm += 1) letters.clear()
  assert.equal(flood(), memory)
  letters.clear()
  assert.equal(letters.at(0), undefined)
  for (let calm = 1; calm <= 8; calm += 1) letters.clear()
  letters.add(record(null, new Uint8Array(5_000)), refusal)
  const kept = memoryOf(letters)
  assert.ok(kept < 10_000)
  letters.clear()
  letters.add(record(null, new Uint8Array(1)), refusal)
  assert.equal(memoryOf(letters), kept)
})

/** As records of a fetched batch, one after the other. */
const eachFetched = (
  messages: { key: Uint8Array | null; value: Uint8Array | null }[],
  visit: (record: LogRecord) => void,
): void => {
  for (const batch of fetchedBatches(messages)) batch.each({ place: batch.from, count: batch.count }, visit)
}

const producer = { producerId: 1n, epoch: 0, sequence: 0, transactional: true }
const stamped = (messages: Messages) => {
  const memory = new RecordWriter()
  return Array.from(encodeBatches(messages, 5, memory), (batch) => Buffer.from(stamp(batch, producer)))
}

test('letters stand in their batches as the encoder would write them, wherever key and value lay', () => {
  const fields = [
    null,
    new Uint8Array(),
    Uint8Array.of(1),
    new Uint8Array(100).fill(2),
    new Uint8Array(9_000).fill(3),
  ]
  const messages = fields.flatMap((key) => fields.map((value) => ({ key, value })))
  const odd = { reason: 'NotJson', detail: 'ü'.repeat(100) } as const
  const [fetched, given] = [new Letters(place), new Letters(place)]
  eachFetched(messages, (record) => {
    assert.ok(record.fields)
    for (const why of [refusal, odd]) {
      fetched.add(record, why)
      given.add({ offset: record.offset, timestamp: 1, key: record.key, value: record.value }, why)
    }
  })
  const [batch, ...more] = stamped([...fetched])
  assert.ok(batch && more.length === 0)
  for (const letters of [fetched, given]) assert.ok(stamped(letters)[0]?.equals(batch))
  assert.deepEqual(
    [...fetched].map(({ key, value }) => ({ key, value })),
    messages.flatMap((message) => [message, message]),
  )
})

test('an offset of any size is written in its digits', () => {
  const letters = new Letters(place)
  const offsets = [
    0,
    9,
    10,
    99,
    100,
    12_345,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32,
    10 ** 15,
    Number.MAX_SAFE_INTEGER,
  ]
  for (const offset of offsets) letters.add({ ...record(null, null), offset }, refusal)
  assert.equal(letters.at(10)?.headers?.['offset'], '9007199254740991')
  assert.ok(stamped(letters)[0]?.equals(stamped([...letters])[0] ?? Buffer.of()))
})

test('no batch of letters is too large for a broker, and none is lost between two', () => {
  const letters = new Letters(place)
  const sizes = [800_000, 99_000, 2_000, 1_000_000, 3_000_000, 10, 500_000, 500_000]
  for (const size of sizes) letters.add(record(null, new Uint8Array(size)), refusal)
  const counts = Array.from(encodeBatches(letters, 5), (batch) => {
    assert.ok(stamp(batch, producer).length <= 1_048_588)
    return batch.count
  })
  assert.deepEqual(counts, [2, 1, 1, 1, 2, 1])
  letters.clear()
  assert.equal(stamped(letters).length, 0)
})

test('a letter that is cut stands in its batch as the encoder would write it, wherever key and value lay', () => {
  for (const [key, value] of [
    [null, 1_048_400],
    [null, 3_000_000],
    [65_537, 10],
    [500_000, 900_000],
  ] as const) {
    const message = { key: key === null ? null : new Uint8Array(key), value: new Uint8Array(value) }
    const [fetched, given] = [new Letters(place), new Letters(place)]
    eachFetched([message], (record) => fetched.add(record, refusal))
    given.add({ ...record(message.key, message.value), offset: 0 }, refusal)
    const [batch] = stamped([...given])
    assert.ok(batch && batch.length <= 1_048_588)
    for (const letters of [fetched, given]) assert.ok(stamped(letters)[0]?.equals(batch))
  }
})

test('lengths that are written as nobody would are written anew', () => {
  // Attributes, time and offset; the lengths of key and value, and the one byte of the value.
  for (const fields of [
    [0, 2, 7],
    [9, 2, 7],
    [0, 9, 7],
    [0x80, 0, 2, 7],
    [0, 0x82, 0, 7],
  ]) {
    const bytes = Uint8Array.of(2 * (fields.length + 4), 0, 0, 0, ...fields, 0)
    const cursor = new RecordCursor({ bytes, baseOffset: 0, firstTimestamp: 0, appendTime: 0 }, 0)
    cursor.advance()
    const letters = new Letters(place)
    letters.add(cursor, refusal)
    assert.ok(stamped(letters)[0]?.equals(stamped([...letters])[0] ?? Buffer.of()), String(fields))
  }
})
