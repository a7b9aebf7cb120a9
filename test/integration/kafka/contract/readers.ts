import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../../../dev/until.ts'
import type { LogFault } from '../../../../runtime/roles/log.ts'
import { mark, text, valuesOf } from '../reading.ts'
import { type Given, refusal } from './given.ts'

export function readers(given: Given): void {
  test('reading goes on from the offset that was sought, and again from another', async () => {
    const { log, topic } = await given()
    await log.append({ topic, partition: 0, messages: ['a', 'b', 'c'].map(text) })
    assert.deepEqual(await valuesOf(log, topic, { 0: 1 }), ['b', 'c'])
    const reader = log.reader(topic)
    const values: string[] = []
    const poll = async () => {
      for (const answer of await reader.poll())
        if (!('fault' in answer)) answer.each((record) => values.push(mark(record)))
    }
    reader.seek(0, 2)
    await until('the last record', async () => {
      await poll()
      return values.length === 1
    })
    reader.seek(0, 0)
    await until('all records', async () => {
      await poll()
      return values.length === 4
    })
    assert.deepEqual(values, ['c', 'a', 'b', 'c'])
    await reader.close()
  })

  test('a partition without news is in the answer, and tells that nothing more is there', async () => {
    const { log, topic } = await given()
    const reader = log.reader(topic)
    reader.seek(0, 0)
    const answer = await until('an answer', async () => (await reader.poll())[0])
    assert.ok(!('fault' in answer))
    assert.deepEqual([answer.partition, answer.next, answer.end], [0, 0, 0])
    answer.each(() => assert.fail('nothing is there'))
    await reader.close()
  })

  test('a dropped partition is not read any more', async () => {
    const { log, topic } = await given(2)
    const reader = log.reader(topic)
    reader.seek(0, 0)
    reader.seek(1, 0)
    await until('an answer', async () => (await reader.poll()).length > 0)
    reader.drop(0)
    await log.append({ topic, partition: 0, messages: [text('a')] })
    await log.append({ topic, partition: 1, messages: [text('b')] })
    const seen = new Set<number>()
    await until('partition 1', async () => {
      for (const { partition } of await reader.poll()) seen.add(partition)
      return seen.has(1)
    })
    for (const { partition } of await reader.poll()) seen.add(partition)
    assert.deepEqual([...seen], [1])
    await reader.close()
  })

  for (const [what, offset, partition, reason, retry] of [
    ['an offset beyond the end', 9, 0, 'OffsetOutOfRange', false],
    ['a partition that is not there', 0, 7, 'UnknownPartition', true],
  ] as const) {
    test(`${what} is a fault of its own, and the other partitions are read`, async () => {
      const { log, topic } = await given(2)
      await log.append({ topic, partition: 1, messages: [text('a')] })
      const reader = log.reader(topic)
      reader.seek(partition, offset)
      reader.seek(1, 0)
      const faults: LogFault[] = []
      const values: string[] = []
      await until('a fault and a record', async () => {
        for (const answer of await reader.poll()) {
          if ('fault' in answer) faults.push(answer.fault)
          else answer.each((record) => values.push(mark(record)))
        }
        return faults.length > 0 && values.length > 0
      })
      refusal(reason, retry)(faults[0])
      assert.deepEqual(values, ['a'])
      await reader.close()
    })
  }
}
