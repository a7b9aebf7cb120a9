import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { crc32c } from '@node-rs/crc32'
import { at, lengthFrom } from './batch.ts'
import { decodeBatches } from './batch-decode.ts'
import { encodeBatches, stamp } from './batch-encode.ts'

const producer = { producerId: 1n, epoch: 0, sequence: 0, transactional: false }

/** A batch whose records are what was packed, whatever that is. */
const bomb = (codec: number, packed: Uint8Array): Buffer => {
  const [batch] = encodeBatches([{ key: null, value: null }], 0)
  assert.ok(batch)
  const bytes = Buffer.concat([stamp(batch, producer).subarray(0, at.records), packed])
  bytes.writeInt32BE(bytes.length - lengthFrom, at.length)
  bytes.writeInt16BE(codec, at.attributes)
  bytes.writeUInt32BE(crc32c(bytes.subarray(at.attributes)), at.crc)
  return bytes
}

for (const [name, codec, pack] of [
  ['gzip', 1, (bytes: Buffer) => gzipSync(bytes, { level: 1 })],
  ['zstd', 4, zstdCompressSync],
] as const)
  test(`a ${name} batch that unpacks to hundreds of times its size is refused, and takes no memory`, () => {
    const batch = bomb(codec, pack(Buffer.alloc(200 * 2 ** 20)))
    assert.ok(batch.length < 1_048_588)
    const before = process.memoryUsage().arrayBuffers
    assert.throws(() => [...decodeBatches(batch, 0).batches], {
      reason: 'Unsupported',
      retry: false,
      message: /unpack to more than 67108864 bytes/,
    })
    assert.ok(process.memoryUsage().arrayBuffers - before < 100 * 2 ** 20)
  })
