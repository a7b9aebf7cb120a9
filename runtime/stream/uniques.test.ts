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
  const bytes = new Uint8Array(set.encodedLength)
  set.encodeInto(bytes, 0)
  return bytes
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

test('any split and any order of merging give the same bytes as all ids in one set', () => {
  fc.assert(
    fc.property(ids, ids, ids, (a, b, c) => {
      const whole = encoded(uniques([...a, ...b, ...c], bound))
      const [x, y, z] = [uniques(a, bound), uniques(b, bound), uniques(c, bound)]
      assert.deepEqual(encoded(merged(merged(x, y), z)), whole)
      assert.deepEqual(encoded(merged(z, merged(y, x))), whole)
    }),
  )
})

test('a full set is encoded and read as any other', () => {
  const back = new Uniques()
  assert.ok(back.mergeEncoded(encoded(uniques(range(0, 16_384)))))
  assert.equal(back.count(), 16_384)
  assert.deepEqual(encoded(back), encoded(uniques(range(0, 16_384))))
})

test('the encoded hashes ascend, as unsigned numbers of two words, each little-endian', () => {
  const set = new Uniques()
  for (const [high, low] of [
    [-1, 2],
    [1, -1],
    [1, 1],
    [0x7fffffff, 0],
  ] as const)
    set.add({ high, low })
  assert.equal(
    Buffer.from(encoded(set)).toString('hex'),
    '00 0100000001000000 01000000ffffffff ffffff7f00000000 ffffffff02000000'.replaceAll(' ', ''),
  )
})

test('encoding and decoding keep the set', () => {
  fc.assert(
    fc.property(ids, (all) => {
      const set = uniques(all, bound)
      const back = new Uniques(bound)
      assert.ok(back.mergeEncoded(encoded(set)))
      assert.deepEqual(encoded(back), encoded(set))
      assert.equal(back.count(), set.count())
    }),
  )
  const set = uniques([1, 2])
  for (const bytes of [[2, 3], [0, 1, 2], [1], [], Array.from({ length: 1 + 8 * 16_385 }, () => 0)])
    assert.equal(set.mergeEncoded(Uint8Array.from(bytes)), false)
  assert.equal(set.count(), 2)
})
