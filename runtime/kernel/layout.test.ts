import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as at from './layout.ts'

test('what lies in the memory of the kernel lies apart, in its order', () => {
  const ranges: [from: number, end: number][] = [
    [at.templatesAt, at.templatesAt + at.mostTemplates * at.templateBytes],
    [at.rowsAt, at.rowsAt + at.columnCount * at.columnBytes],
    [at.entriesAt, at.entriesAt + 8 * at.mostNames],
    [at.slotsAt, at.slotsAt + at.slotCount * at.slotBytes],
    [at.lettersAt, at.lettersEnd],
    [at.copyAt, at.copyAt + at.copyBytes],
    [at.clearedAt, at.clearedEnd],
    [at.shortAt, at.shortAt + at.lagBytes],
    [at.regionsAt, at.regionsAt + 2 * at.mostPairs * at.regionBytes],
    [at.memoryBytes, at.memoryBytes],
  ]
  for (const [index, [from, end]] of ranges.entries()) {
    assert.ok(from % 16 === 0 && from <= end, `range ${index} begins at ${from}`)
    assert.ok(end <= (ranges[index + 1]?.[0] ?? end), `range ${index} ends at ${end}`)
  }
})

test('a column has room for all rows and the spare one, and a step can tell where it lies', () => {
  assert.equal(at.spareRow, at.mostRows)
  assert.ok(4 * (at.spareRow + 1) <= at.columnBytes)
  assert.ok(at.columnBytes % 8 === 0 && at.columnBytes % 4_096 !== 0)
  assert.ok((at.columnCount - 1) * at.columnBytes < 2 ** 16)
})
