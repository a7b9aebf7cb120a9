import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32c } from '@node-rs/crc32'
import * as fc from 'fast-check'
import { taught } from '../testing/kernel.ts'
import { lagBytes } from './layout.ts'

const kernel = taught()
const [region] = kernel.regions() ?? assert.fail('the kernel has a region')
for (let at = 0; at < region.length; at += 4) region.writeUInt32LE((at * 2_654_435_761) >>> 0, at)

test('the checksum of bytes in the memory of the kernel is that of the library', () => {
  const most = 10 * lagBytes
  const bytes = fc.record({ from: fc.nat(100), length: fc.oneof(fc.nat(most), fc.nat(region.length - 100)) })
  fc.assert(
    fc.property(bytes, ({ from, length }) => {
      const message = region.subarray(from, from + length)
      assert.equal(kernel.checksum(message), crc32c(Buffer.from(message)))
    }),
  )
})

test('every bit of a shortened message counts', () => {
  const message = region.subarray(3, 3 + 5 * lagBytes + 7)
  const whole = kernel.checksum(message)
  for (let at = 0; at < message.length; at += 97) {
    const bit = 1 << (at % 8)
    message[at]! ^= bit
    assert.notEqual(kernel.checksum(message), whole, `byte ${at}`)
    message[at]! ^= bit
  }
  assert.equal(kernel.checksum(message), whole)
})

test('bytes that lie elsewhere, and few of them, are left to the library', () => {
  const text = Buffer.from('123456789') // the check value of the catalogue of parametrised CRC algorithms
  assert.equal(kernel.checksum(text), 0xe3069283)
  region.set(text)
  assert.equal(kernel.checksum(region.subarray(0, text.length)), 0xe3069283)
})
