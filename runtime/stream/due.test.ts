import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDue, type Unwritten } from './due.ts'

const nothing: Unwritten = { waited: 0, endsWindow: false, panes: 0, events: 0, letters: 0, bytes: 0 }
const due = (unwritten: Partial<Unwritten>): boolean => isDue({ ...nothing, ...unwritten })

test('panes and dead letters wait for a second, and when both together are fewer than ten for five', () => {
  assert.deepEqual(
    [999, 1_000].map((waited) => due({ waited, panes: 1, events: 10 })),
    [false, true],
  )
  assert.deepEqual(
    [4_999, 5_000].map((waited) => due({ waited, panes: 1, events: 9 })),
    [false, true],
  )
  assert.deepEqual(
    [999, 1_000].map((waited) => due({ waited, letters: 10 })),
    [false, true],
  )
  assert.deepEqual(
    [999, 1_000].map((waited) => due({ waited, panes: 1, events: 4, letters: 6 })),
    [false, true],
  )
})

test('nothing waits for the end of a window, for 32 panes, or for 4 MB of dead letters', () => {
  assert.ok(due({ endsWindow: true }))
  assert.deepEqual(
    [31, 32].map((panes) => due({ panes, events: 1_000 })),
    [false, true],
  )
  assert.deepEqual(
    [4_194_303, 4_194_304].map((bytes) => due({ letters: 5, bytes })),
    [false, true],
  )
})

test('with nothing to write a mark is written every ten seconds', () => {
  assert.deepEqual(
    [9_999, 10_000].map((waited) => due({ waited })),
    [false, true],
  )
})
