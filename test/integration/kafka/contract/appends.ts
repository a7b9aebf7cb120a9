import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Message } from '../../../../runtime/roles/log.ts'
import { bytes, readAll, text, valuesOf } from '../reading.ts'
import { type Given, refusal } from './given.ts'

export function appends(given: Given): void {
  test('what is appended is read back: offset, time, key and value', async () => {
    const { log, topic } = await given()
    const messages: Message[] = [
      { key: bytes('k'), value: bytes('v'), headers: { reason: 'Late' }, timestamp: 1_700_000_000_123 },
      { key: null, value: null, timestamp: 1_700_000_000_001 },
      { key: bytes(''), value: bytes('größer'), timestamp: 1_700_000_000_002 },
    ]
    assert.equal(await log.append({ topic, partition: 0, messages }), 0)
    assert.deepEqual(await readAll(log, topic), [
      { partition: 0, offset: 0, timestamp: 1_700_000_000_123, key: 'k', value: 'v' },
      { partition: 0, offset: 1, timestamp: 1_700_000_000_001, key: null, value: null },
      { partition: 0, offset: 2, timestamp: 1_700_000_000_002, key: '', value: 'größer' },
    ])
  })

  test('a record without a time gets the time of writing', async () => {
    const { log, topic } = await given()
    const earliest = Date.now()
    await log.append({ topic, partition: 0, messages: [text('a')] })
    const [record] = await readAll(log, topic)
    assert.ok(record && record.timestamp >= earliest && record.timestamp <= Date.now())
  })

  test('appends to a partition keep their order and tell their first offset, also when none waits for another', async () => {
    const { log, topic } = await given()
    const append = (value: string) =>
      log.append({ topic, partition: 0, messages: [text(value), text(value)] })
    assert.deepEqual(await Promise.all(['a', 'b', 'c'].map(append)), [0, 2, 4])
    assert.deepEqual(await valuesOf(log, topic), ['a', 'a', 'b', 'b', 'c', 'c'])
  })

  test('a value of 1 MB passes, and so do many of them at once', async () => {
    const { log, topic } = await given()
    const value = Buffer.alloc(1_000_000, 'x')
    const messages = [value, value, value].map((each) => ({
      key: null,
      value: each,
      headers: { h: 'x'.repeat(40_000) },
    }))
    await log.append({ topic, partition: 0, messages })
    const read = await readAll(log, topic)
    assert.deepEqual(
      read.map((record) => record.value?.length),
      [1_000_000, 1_000_000, 1_000_000],
    )
  })

  test('an append to a partition that is not there says so', async () => {
    const { log, topic } = await given()
    const messages = [text('a')]
    await assert.rejects(log.append({ topic, partition: 5, messages }), refusal('UnknownPartition', true))
    await assert.rejects(
      log.append({ topic: `${topic}-not`, partition: 0, messages }),
      refusal('UnknownPartition', true),
    )
  })

  test('partitions and bounds are those of the topic', async () => {
    const { log, topic } = await given(3)
    await log.append({ topic, partition: 1, messages: [text('a'), text('b')] })
    assert.equal(await log.partitions(topic), 3)
    assert.deepEqual(await log.bounds(topic, 1), { start: 0, end: 2 })
    assert.deepEqual(await log.bounds(topic, 2), { start: 0, end: 0 })
    await assert.rejects(log.partitions(`${topic}-not`), refusal('UnknownPartition', true))
    await assert.rejects(log.bounds(topic, 3), refusal('UnknownPartition', true))
  })
}
