import assert from 'node:assert/strict'
import { test } from 'node:test'
import { windowIn } from './log.ts'

test('the first window is the text from one rule to the next', async () => {
  const log = ['{"msg":"starting"}', '════', 'total 5', '════', '════', 'total 6', '════']
  assert.equal(await windowIn(log), '════\ntotal 5\n════')
})

test('a log that ends within a window shows none', async () => {
  assert.equal(await windowIn(['════', 'total 5']), undefined)
})

test('a log that begins in the middle of a window shows the next one', async () => {
  const log = ['and so on', '════', '', '════', 'total 6', '════']
  assert.equal(await windowIn(log), '════\ntotal 6\n════')
})
