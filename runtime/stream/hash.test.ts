import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spanOf } from '../span.ts'
import { hashInto, murmur3 } from './hash.ts'

const bytesOf = (words: Int32Array): Uint8Array => new Uint8Array(words.slice().buffer)

test('the hash gives the verification value that SMHasher publishes for MurmurHash3_x86_128', () => {
  // SMHasher: hash {}, {0}, {0,1} … {0…254} with seed 256 - length, then hash those 256 hashes with seed 0.
  const hashes = new Uint8Array(256 * 16)
  const key = Uint8Array.from({ length: 256 }, (_, index) => index)
  for (let length = 0; length < 256; length += 1)
    hashes.set(bytesOf(murmur3(spanOf(key.subarray(0, length)), 256 - length)), length * 16)
  assert.equal((murmur3(spanOf(hashes))[0] ?? 0) >>> 0, 0xb3ece62a)
})

test('both halves of a hash are signed 32-bit numbers', () => {
  const out = { high: 0.5, low: 0.5 }
  for (const id of ['user-1', 'user-2', 'ü', '']) {
    hashInto(out, spanOf(new TextEncoder().encode(id)))
    assert.deepEqual([out.high | 0, out.low | 0], [out.high, out.low])
  }
})
