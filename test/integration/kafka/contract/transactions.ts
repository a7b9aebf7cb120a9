import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAll, text } from '../reading.ts'
import { commit, type Given, never } from './given.ts'

export function transactions(given: Given): void {
  test('a transaction makes its records visible and moves the positions', async () => {
    const { log, topic } = await given(3)
    const lease = await log.lease(`${topic}.a`, never)
    await lease.commit({
      appends: [
        { topic, partition: 0, messages: [text('a'), text('b')] },
        { topic, partition: 1, messages: [text('c')] },
        { topic, partition: 0, messages: [text('d')] },
      ],
      group: `${topic}-group`,
      positions: [
        { topic, partition: 1, offset: 5, metadata: '{"v":1}' },
        { topic, partition: 2, offset: 6, metadata: '' },
      ],
    })
    await log.lease(`${topic}.a`, never)
    const position = (partition: number) => log.position({ group: `${topic}-group`, topic, partition })
    assert.deepEqual(await Promise.all([0, 1, 2].map(position)), [
      undefined,
      { offset: 5, metadata: '{"v":1}' },
      { offset: 6, metadata: '' },
    ])
    const records = await readAll(log, topic)
    assert.deepEqual(records.map((record) => `${record.partition}${record.value}`).sort(), [
      '0a',
      '0b',
      '0d',
      '1c',
    ])
  })

  test('a position alone can move, and its metadata can be 4,096 characters', async () => {
    const { log, topic } = await given()
    const lease = await log.lease(`${topic}.a`, never)
    const at = { group: `${topic}-group`, topic, partition: 0 }
    const metadata = 'ü'.repeat(4_096)
    await lease.commit({
      appends: [],
      group: at.group,
      positions: [{ topic, partition: 0, offset: 3, metadata }],
    })
    await log.lease(`${topic}.a`, never)
    assert.deepEqual(await log.position(at), { offset: 3, metadata })
  })

  test('a transaction of several megabytes passes as a whole', async () => {
    const { log, topic } = await given()
    const lease = await log.lease(`${topic}.a`, never)
    const messages = Array.from({ length: 30 }, () => ({ key: null, value: Buffer.alloc(100_000) }))
    await lease.commit({
      appends: [{ topic, partition: 0, messages }],
      group: `${topic}-group`,
      positions: [],
    })
    await log.lease(`${topic}.a`, never)
    assert.equal((await readAll(log, topic)).length, 30)
  })

  test('after a new lease the position is never stale', async () => {
    const { log, topic } = await given()
    const at = { group: `${topic}-group`, topic, partition: 0 }
    for (let offset = 1; offset <= 60; offset++) {
      const lease = await log.lease(`${topic}.a`, never)
      if (offset > 1) assert.equal((await log.position(at))?.offset, offset - 1)
      await commit(lease, { topic, value: String(offset), offset })
    }
    await log.lease(`${topic}.a`, never)
    assert.equal((await readAll(log, topic)).length, 60)
  })
}
