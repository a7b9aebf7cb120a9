import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { spanOf } from '../span.ts'
import { hashInto } from './hash.ts'
import { Uniques } from './uniques.ts'

const hashOf = (id: number | string) => {
  const hash = { high: 0, low: 0 }
  hashInto(hash, spanOf(new TextEncoder().encode(`user-${id}`)))
  return hash
}

const uniques = (ids: Iterable<number | string>, bound?: number): Uniques => {
  const set = new Uniques(bound)
  for (const id of ids) set.add(hashOf(id))
  return set
}

const encoded = (set: Uniques): Uint8Array => {
  const bytes = new Uint8Array(set.encodedLength())
  set.encodeInto(bytes, 0)
  return bytes
}

/** What a set holds, whatever the order in which it tells it. */
const contents = (set: Uniques): unknown => {
  const bytes = encoded(set)
  if (bytes[0] === 1) return bytes
  const hashes = Array.from({ length: (bytes.length - 1) / 8 }, (_, at) =>
    Buffer.from(bytes.subarray(1 + 8 * at, 9 + 8 * at)).toString('hex'),
  )
  return [...new Set(hashes)].sort()
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

test('up to the bound the count is exact, repeated ids count once', () => {
  const set = uniques([...range(0, 16_384), ...range(0, 100)])
  assert.equal(set.count(), 16_384)
  assert.equal(set.exact, true)
})

test('past the bound it is an estimate within 3 %', () => {
  for (const count of [16_385, 60_000]) {
    const set = uniques(range(0, count))
    assert.equal(set.exact, false)
    assert.ok(Math.abs(set.count() / count - 1) < 0.03, `${set.count()} for ${count}`)
  }
})

test('the estimate is near from one id on', () => {
  for (const count of [1, 10, 1_000, 5_000]) {
    const estimated = uniques(range(0, count), 0).count()
    assert.ok(Math.abs(estimated - count) <= Math.ceil(count * 0.03), `${estimated} for ${count}`)
  }
})

const ids = fc.array(fc.nat({ max: 40 }), { maxLength: 60 })
const bound = 12
const merged = (...sets: Uniques[]): Uniques => {
  const all = new Uniques(bound)
  for (const set of sets) all.merge(set)
  return all
}

test('any split and any order of merging give the same as all ids in one set', () => {
  fc.assert(
    fc.property(ids, ids, ids, (a, b, c) => {
      const whole = uniques([...a, ...b, ...c], bound)
      const [x, y, z] = [uniques(a, bound), uniques(b, bound), uniques(c, bound)]
      for (const all of [merged(merged(x, y), z), merged(z, merged(y, x))]) {
        assert.equal(all.count(), whole.count())
        assert.deepEqual(contents(all), contents(whole))
      }
    }),
  )
})

test('a full set is encoded and read as any other', () => {
  const back = new Uniques()
  assert.ok(back.mergeEncoded(encoded(uniques(range(0, 16_384)))))
  assert.equal(back.count(), 16_384)
  assert.deepEqual(encoded(back), encoded(uniques(range(0, 16_384))))
})

const some = [
  { high: -1, low: 2 },
  { high: 1, low: -1 },
  { high: 1, low: 1 },
  { high: 0x7fffffff, low: 0 },
  { high: 1, low: 1 },
]
const hexOf = (set: Uniques) => Buffer.from(encoded(set)).toString('hex')

test('a few hashes are encoded as they came, each two words, little-endian', () => {
  const set = new Uniques()
  for (const hash of some) set.add(hash)
  set.add({ high: 0, low: 0 }) // none
  const words = 'ffffffff02000000 01000000ffffffff 0100000001000000 ffffff7f00000000 0100000001000000'
  assert.equal(hexOf(set), `00 ${words}`.replaceAll(' ', ''))
})

test('more of them ascend as unsigned numbers, each once', () => {
  const set = new Uniques()
  for (let round = 0; round < 1_000; round += 1) for (const hash of some) set.add(hash)
  const words = '0100000001000000 01000000ffffffff ffffff7f00000000 ffffffff02000000'
  assert.equal(hexOf(set), `00 ${words}`.replaceAll(' ', ''))
})

test('a set of few ids takes little memory, and a wide column finds room at once', () => {
  const few = new Uniques()
  for (let id = 0; id < 10; id += 1) few.add({ high: id, low: id + 1 })
  assert.ok(few.bytes <= 512, `${few.bytes} bytes`)
  const words = Int32Array.from({ length: 6_000 }, (_, index) => index + 1)
  few.addColumn(words, { from: 0, count: 3_000 })
  assert.equal(few.count(), 3_005)
})

test('columns of any length are counted as their hashes one by one', () => {
  const lengths = fc.array(fc.integer({ min: 0, max: 1_500 }), { maxLength: 6 })
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 3_000 }), (all, most) => {
      const [together, apart] = [new Uniques(2_000), new Uniques(2_000)]
      let id = 0
      for (const length of all) {
        const words = new Int32Array(2 * length + 4).fill(7)
        for (let row = 0; row < length; row += 1, id += 1) {
          const hash = hashOf(id % most)
          words.set([hash.high, hash.low], 2 * row + 2)
          apart.add(hash)
        }
        together.addColumn(words, { from: 1, count: length })
      }
      assert.equal(together.count(), apart.count())
      assert.equal(together.exact, apart.exact)
      if (together.exact) assert.equal(together.count(), Math.min(id, most))
    }),
    { numRuns: 30 },
  )
})

test('encoding and decoding keep the set', () => {
  fc.assert(
    fc.property(ids, (all) => {
      const set = uniques(all, bound)
      const back = new Uniques(bound)
      assert.ok(back.mergeEncoded(encoded(set)))
      assert.deepEqual(contents(back), contents(set))
      assert.equal(back.count(), set.count())
    }),
  )
  const set = uniques([1, 2])
  for (const bytes of [[2, 3], [0, 1, 2], [1], [], Array.from({ length: 1 + 8 * 16_385 }, () => 0)])
    assert.equal(set.mergeEncoded(Uint8Array.from(bytes)), false)
  assert.equal(set.count(), 2)
})
