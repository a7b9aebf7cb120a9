import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeBatches } from '../kafka/batch-encode.ts'
import { EventBatch } from './event-batch.ts'
import { longestEvent, type Sheet } from './event-text.ts'

interface Given {
  key: string
  value: string
  timestamp: number
}

/** Keys and values whose lengths take one byte and two, times that go back, and some thousand events. */
const given: Given[] = Array.from({ length: 5_000 }, (_, n) => ({
  key: `user_${'0'.repeat(n % 70)}${n}`,
  value: 'x'.repeat((n * 37) % longestEvent),
  timestamp: 1_769_860_000_000 + n * 3 - (n % 5) * 100,
}))

const putInto = (batch: EventBatch, { key, value, timestamp }: Given): void =>
  batch.add({ key: Buffer.from(key), timestamp }, (sheet: Sheet) => {
    sheet.bytes.set(Buffer.from(value), sheet.end)
    sheet.end += value.length
  })

const messagesOf = (events: readonly Given[]) =>
  events.map(({ key, value, timestamp }) => ({ key: Buffer.from(key), value: Buffer.from(value), timestamp }))

test('events stand in their batch as the messages would that they are, also in a batch that is used again', () => {
  const batch = new EventBatch()
  for (const events of [given.slice(0, 1_500), given.slice(1_500, 1_501), given.slice(2_000, 4_000)]) {
    batch.clear()
    for (const event of events) putInto(batch, event)
    const messages = messagesOf(events)
    assert.equal(batch.length, events.length)
    assert.deepEqual(
      [...batch].map(({ key, value, timestamp }) => [String(key), String(value), timestamp]),
      messages.map(({ key, value, timestamp }) => [String(key), String(value), timestamp]),
    )
    assert.equal(batch.at(events.length), undefined)
    const [written, wanted] = [batch, messages].map((all) => [...encodeBatches(all, 0)])
    assert.deepEqual([written?.length, wanted?.length], [1, 1])
    assert.ok(written?.[0]?.bytes.equals(wanted?.[0]?.bytes ?? Buffer.alloc(0)))
  }
})

test('a batch has room for the longest event until it would be too long for a broker', () => {
  const batch = new EventBatch()
  const longest = { key: 'user_1000000', value: 'x'.repeat(longestEvent), timestamp: 1_769_860_000_000 }
  while (batch.hasRoom) putInto(batch, longest)
  assert.ok(batch.length > 1_500)
  const [encoded, more] = [...encodeBatches(batch, 0)]
  assert.equal(more, undefined)
  assert.ok(encoded !== undefined && encoded.bytes.length <= 900_100, String(encoded?.bytes.length))
})
