import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Frames } from './frames.ts'

function frame(length: number, fill: string): Buffer {
  const bytes = Buffer.alloc(4 + length, fill)
  bytes.writeInt32BE(length, 0)
  return bytes
}

/** Writes the bytes where they are wanted, in pieces of at most `piece` bytes. */
function* arrive(frames: Frames, bytes: Buffer, piece: number): Generator<Buffer> {
  for (let from = 0; from < bytes.length;) {
    const count = bytes.copy(frames.room(), 0, from, Math.min(bytes.length, from + piece))
    assert.ok(count > 0, 'there is room')
    from += count
    yield* frames.filled(count)
  }
}

test('frames are put together from pieces of any size', () => {
  const lengths = fc.array(fc.nat(300_000), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 200_000 }), fc.nat(70_000), (sizes, piece, keep) => {
      const sent = sizes.map((length, index) => frame(length, String(index)))
      const frames = new Frames({ keep })
      let index = 0
      for (const found of arrive(frames, Buffer.concat(sent), Math.max(piece, 500))) {
        assert.ok(found.equals(sent[index] ?? Buffer.alloc(0)), `frame ${index}`)
        index += 1
      }
      assert.equal(index, sent.length)
    }),
    { numRuns: 50 },
  )
})

test('a large frame is still there while the next arrives', () => {
  const frames = new Frames()
  const [first] = arrive(frames, frame(100_000, 'a'), 30_000)
  for (const _ of arrive(frames, frame(200_000, 'b'), 30_000));
  assert.ok(first?.equals(frame(100_000, 'a')))
})

test('a small frame is a copy, which stays', () => {
  const frames = new Frames()
  const [first] = arrive(frames, frame(10, 'a'), 100)
  for (const fill of ['b', 'c', 'd']) for (const _ of arrive(frames, frame(100_000, fill), 30_000));
  assert.ok(first?.equals(frame(10, 'a')))
})

test('memory of large frames is used again', () => {
  const frames = new Frames()
  const memory = ['a', 'b', 'c', 'd', 'e', 'f'].map(
    (fill) => [...arrive(frames, frame(100_000, fill), 30_000)][0]?.buffer,
  )
  assert.equal(new Set(memory.slice(2)).size, 2)
})
