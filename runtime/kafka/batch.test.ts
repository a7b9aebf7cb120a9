import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { crc32c } from '@node-rs/crc32'
import * as fc from 'fast-check'
import decodeByKafkajs from 'kafkajs/src/protocol/recordBatch/v0/decoder.js'
import type { LogRecord, Message, RecordBatch } from '../roles/log.ts'
import { at, attribute, lengthFrom } from './batch.ts'
import { type Aborted, decodeBatches } from './batch-decode.ts'
import { encodeBatches, stamp, type Stamp } from './batch-encode.ts'
import { Decoder } from './kafkajs.ts'

const plain: Stamp = { producerId: 7n, epoch: 0, sequence: 0, transactional: false }

/** The batches as a log holds them: one after the other, offsets from `base` on. */
function logOf(messages: readonly Message[], { base = 0, by = plain, now = 1_000 } = {}): Buffer {
  let offset = base
  const batches = [...encodeBatches(messages, now)].map((batch) => {
    const bytes = stamp(batch, by)
    bytes.writeBigInt64BE(BigInt(offset), at.baseOffset)
    offset += batch.count
    return bytes
  })
  return Buffer.concat(batches)
}

const text = (value: string): Message => ({ key: null, value: Buffer.from(value) })
const copy = (field: Uint8Array | null) => field && Buffer.from(field).toString()
const plainRecord = ({ offset, timestamp, key, value }: LogRecord) => ({
  offset,
  timestamp,
  key: copy(key),
  value: copy(value),
})

const visit = (batches: Iterable<RecordBatch>, each: (record: LogRecord) => void) => {
  for (const batch of batches) batch.each({ place: batch.from, count: batch.count }, each)
}

function read(log: Uint8Array, offset = 0, aborted: Aborted[] = []) {
  const { batches, next } = decodeBatches(log, offset, { aborted })
  const records: ReturnType<typeof plainRecord>[] = []
  visit(batches, (record) => records.push(plainRecord(record)))
  return { records, next }
}

const values = (log: Uint8Array, offset = 0, aborted: Aborted[] = []) =>
  read(log, offset, aborted).records.map(({ value }) => value)

/** Changes a batch and makes its checksum right again. */
function changed(batch: Buffer, change: (bytes: Buffer) => void): Buffer {
  change(batch)
  batch.writeUInt32BE(crc32c(batch.subarray(at.attributes)), at.crc)
  return batch
}

test('records come back with offset, time, key and value', () => {
  const log = logOf(
    [
      { key: Buffer.from('k'), value: Buffer.from('v'), timestamp: 5_000 },
      { key: null, value: null, timestamp: 4_000 },
      { key: Buffer.alloc(0), value: Buffer.alloc(0) },
    ],
    { base: 40, now: 6_000 },
  )
  assert.deepEqual(read(log), {
    records: [
      { offset: 40, timestamp: 5_000, key: 'k', value: 'v' },
      { offset: 41, timestamp: 4_000, key: null, value: null },
      { offset: 42, timestamp: 6_000, key: '', value: '' },
    ],
    next: 43,
  })
})

test('whatever is written is read', () => {
  const bytes = fc.option(fc.uint8Array({ maxLength: 300 }))
  const message = fc.record(
    { key: bytes, value: bytes, timestamp: fc.maxSafeNat().map((n) => n % 2 ** 51) },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(fc.array(message, { minLength: 1 }), (messages) => {
      const { batches } = decodeBatches(logOf(messages), 0)
      const found: Message[] = []
      visit(batches, ({ key, value, timestamp }) =>
        found.push({ key: key && new Uint8Array(key), value: value && new Uint8Array(value), timestamp }),
      )
      assert.deepEqual(found, messages)
    }),
  )
})

test('another decoder finds headers, producer and sequence where they belong', async () => {
  const log = logOf([{ ...text('v'), headers: { reason: 'Late', größe: '' } }], {
    by: { producerId: 2n ** 40n, epoch: 3, sequence: 9, transactional: true },
  })
  const batch = await decodeByKafkajs(new Decoder(log))
  assert.deepEqual(
    Object.entries(batch.records[0]?.headers ?? {}).map(([name, value]) => [name, String(value)]),
    [
      ['reason', 'Late'],
      ['größe', ''],
    ],
  )
  const { producerId, producerEpoch, firstSequence, inTransaction } = batch
  assert.deepEqual([producerId, producerEpoch, firstSequence, inTransaction], ['1099511627776', 3, 9, true])
})

test('headers of any length and language are found, and those of another record are not', async () => {
  const texts = ['', 'a', 'ü', '\u007f', '\u0080', 'x'.repeat(63), 'x'.repeat(64), `${'x'.repeat(62)}ü`]
  const long = ['€'.repeat(63), 'x'.repeat(5_000), '\u{1f600}'.repeat(2_000)]
  const all = [...texts, ...long].map((value, index) => ({ [`${value.slice(0, 70)}${index}`]: value }))
  const messages = [...all.map((headers) => ({ ...text('v'), headers })), text('none')]
  const batch = await decodeByKafkajs(new Decoder(logOf(messages)))
  assert.deepEqual(
    batch.records.map(({ headers }) => Object.entries(headers).map(([name, value]) => [name, String(value)])),
    [...all.map((headers) => Object.entries(headers)), []],
  )
})

test('more than 900 kB are split, and a record larger than that is a batch of its own', () => {
  const kilobytes = (size: number): Message => ({ key: null, value: Buffer.alloc(size * 1_000) })
  const batches = [...encodeBatches([500, 399, 500, 1_040, 1].map(kilobytes), 0)]
  assert.deepEqual(
    batches.map(({ count }) => count),
    [2, 1, 1, 1],
  )
})

test('reading begins at the wanted offset inside a batch', () => {
  assert.deepEqual(values(logOf(['a', 'b', 'c'].map(text)), 1), ['b', 'c'])
})

test('a batch that the limit of the fetch cut off is left for the next one', () => {
  const [whole, next] = [logOf([text('a')]), logOf([text('b')], { base: 1 })]
  const log = Buffer.concat([whole, next])
  for (const cut of [1, 11, 60, next.length - 1]) {
    assert.deepEqual(values(log.subarray(0, whole.length + cut)), ['a'])
  }
  assert.equal(read(log).next, 2)
})

test('a batch that compaction emptied is stepped over', () => {
  const log = changed(logOf(['a', 'b', 'c'].map(text), { base: 10 }), (bytes) =>
    bytes.writeInt32BE(0, at.count),
  )
  assert.deepEqual(read(log.subarray(0), 10), { records: [], next: 13 })
})

test('a damaged byte is found by the checksum', () => {
  const log = logOf([text('abc')])
  log.writeUInt8(log.readUInt8(log.length - 2) ^ 1, log.length - 2)
  assert.throws(() => read(log), { reason: 'Corrupt', message: /offset 0.*CRC-32C/ })
})

test('a record that claims more bytes than there are is corrupt', () => {
  const log = changed(logOf([text('abc')]), (bytes) => bytes.writeUInt8(126, at.records))
  assert.throws(() => read(log), { reason: 'Corrupt' })
})

test('a topic that keeps the broker’s time gives it to all records of the batch', () => {
  const log = changed(logOf([text('a'), text('b')]), (bytes) => {
    bytes.writeInt16BE(attribute.logAppendTime, at.attributes)
    bytes.writeBigInt64BE(77n, at.maxTimestamp)
  })
  assert.deepEqual(
    read(log).records.map(({ timestamp }) => timestamp),
    [77, 77],
  )
})

function compressed(codec: number, pack: (bytes: Buffer) => Buffer): Buffer {
  const log = logOf(['a', 'b', 'c'].map(text))
  return changed(Buffer.concat([log.subarray(0, at.records), pack(log.subarray(at.records))]), (bytes) => {
    bytes.writeInt32BE(bytes.length - lengthFrom, at.length)
    bytes.writeInt16BE(codec, at.attributes)
  })
}

test('gzip and zstd are read', () => {
  assert.deepEqual(values(compressed(1, gzipSync)), ['a', 'b', 'c'])
  assert.deepEqual(values(compressed(4, zstdCompressSync)), ['a', 'b', 'c'])
})

test('snappy and lz4 are refused by name, damaged gzip as corrupt', () => {
  const as = (codec: number) => () => read(compressed(codec, (bytes) => bytes))
  assert.throws(as(2), { reason: 'Unsupported', message: /snappy: set the writer/ })
  assert.throws(as(3), { reason: 'Unsupported', message: /lz4/ })
  assert.throws(as(1), { reason: 'Corrupt', message: /gzip/ })
})

test('a damaged byte that gzip does not see is found by the checksum', () => {
  const log = compressed(1, gzipSync)
  log[at.maxTimestamp] = 1
  assert.throws(() => read(log), { reason: 'Corrupt', message: /CRC/ })
})

test('batches before one that cannot be unpacked are shown', () => {
  const log = Buffer.concat([compressed(1, gzipSync), compressed(2, (bytes) => bytes)])
  const shown: unknown[] = []
  assert.throws(() => visit(decodeBatches(log, 0).batches, ({ value }) => shown.push(copy(value))), {
    reason: 'Unsupported',
  })
  assert.deepEqual(shown, ['a', 'b', 'c'])
})

const inTransaction = (producerId: bigint): Stamp => ({ ...plain, producerId, transactional: true })
const marker = (producerId: bigint, type: 'abort' | 'commit', base: number) =>
  changed(
    logOf([{ key: Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1]), value: Buffer.alloc(6) }], {
      base,
      by: inTransaction(producerId),
    }),
    (bytes) => bytes.writeInt16BE(attribute.control | attribute.transactional, at.attributes),
  )

// offset   0    1    2    3    4    5    6    7    8
// writer   8    9    8    9    -    8    9    8    8
//          a    b    c    d    e    ✗    ✗    f    ✓
test('records of two interleaved aborted transactions are hidden, those after them are not', () => {
  const write = (value: string, base: number, by: Stamp) => logOf([text(value)], { base, by })
  const log = Buffer.concat([
    write('a', 0, inTransaction(8n)),
    write('b', 1, inTransaction(9n)),
    write('c', 2, inTransaction(8n)),
    write('d', 3, inTransaction(9n)),
    write('e', 4, plain),
    marker(8n, 'abort', 5),
    marker(9n, 'abort', 6),
    write('f', 7, inTransaction(8n)),
    marker(8n, 'commit', 8),
  ])
  const aborted = [
    { producerId: 9, firstOffset: 1 },
    { producerId: 8, firstOffset: 0 },
  ]
  assert.deepEqual(values(log, 0, aborted), ['e', 'f'])
  assert.deepEqual(values(log, 0, aborted.toReversed()), ['e', 'f'], 'the broker sorts its list in no way')
  assert.equal(read(log, 0, aborted).next, 9)
})

test('without transactions rolled back only the markers are hidden', () => {
  const log = Buffer.concat([logOf([text('a')], { by: inTransaction(8n) }), marker(8n, 'commit', 1)])
  assert.deepEqual(read(log), { records: [{ offset: 0, timestamp: 1_000, key: null, value: 'a' }], next: 2 })
})
