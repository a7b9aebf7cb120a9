import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecordWriter } from '../record-writer.ts'
import { encodeBatches, stamp } from './batch-encode.ts'

const producer = { producerId: 7n, epoch: 0, sequence: 0, transactional: true }
const sized = (bytes: number, byte: number) => ({ key: null, value: Buffer.alloc(bytes, byte) })

test('batches in one memory are those that have a memory of their own, whatever was there before', () => {
  const memory = new RecordWriter()
  for (const sizes of [[400_000, 500_001, 3], [1], [950_000], [2, 2], []]) {
    const messages = sizes.map((size, index) => ({
      ...sized(size, index + 1),
      headers: { size: String(size) },
    }))
    const apart = [...encodeBatches(messages, 5)].map((batch) => Buffer.from(stamp(batch, producer)))
    const together: Buffer[] = []
    for (const batch of encodeBatches(messages, 5, memory)) together.push(Buffer.from(stamp(batch, producer)))
    assert.equal(together.length, apart.length)
    assert.ok(together.every((bytes, index) => apart[index]?.equals(bytes)))
  }
})
