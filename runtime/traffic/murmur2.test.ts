import assert from 'node:assert/strict'
import { test } from 'node:test'
import { murmur2, partitionOf } from './murmur2.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test("murmur2 gives the values of Kafka's own test for every length of tail", () => {
  assert.equal(murmur2(bytes('21')), -973932308)
  assert.equal(murmur2(bytes('foobar')), -790332482)
  assert.equal(murmur2(bytes('a-little-bit-long-string')), -985981536)
  assert.equal(murmur2(bytes('a-little-bit-longer-string')), -1486304829)
  assert.equal(murmur2(bytes('lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8')), -58897971)
  assert.equal(murmur2(bytes('abc')), 479470107)
})

test('a negative hash loses its sign bit, not its sign, before the remainder', () => {
  // -973932308 & 0x7fffffff = 1173551340
  assert.equal(partitionOf(bytes('21'), 6), 0)
  assert.equal(partitionOf(bytes('21'), 7), 1173551340 % 7)
  assert.equal(partitionOf(bytes('21'), 1), 0)
})

test('every partition gets its share of a thousand users', () => {
  const counts = [0, 0, 0, 0, 0, 0]
  for (let n = 1; n <= 1000; n += 1) {
    const partition = partitionOf(bytes(`user_${n}`), 6)
    counts[partition] = (counts[partition] ?? 0) + 1
  }
  assert.ok(
    counts.every((count) => count > 130 && count < 205),
    counts.join(),
  )
})
