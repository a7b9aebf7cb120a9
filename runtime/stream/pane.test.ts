import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Rows } from '../kernel/kernel.ts'
import { columnsIn } from '../kernel/columns.ts'
import { entriesAt } from '../kernel/layout.ts'
import { scannedEvent } from '../testing/scanned.ts'
import { OpenPanes } from './pane.ts'

/** Panes of so many events each, all of other users and sessions, one second after the other. */
const filled = (many: number, events: number): OpenPanes => {
  const panes = new OpenPanes()
  for (let pane = 0; pane < many; pane += 1)
    for (let event = 0; event < events; event += 1) {
      const id = { high: Math.imul(pane * events + event + 1, 0x9e3779b1), low: 1 }
      panes.fold(scannedEvent({ time: pane * 1_000, user: id, session: id }), event)
    }
  return panes
}

/** Of the tallies that are given back, how many a backlog of new panes gets, each empty. */
const usedAgain = (panes: OpenPanes): number => {
  const closed = panes.close(Infinity)
  for (const pane of closed) panes.reuse(pane)
  const before = new Set(closed.map(({ tally }) => tally))
  const next = closed.map((_, index) => panes.open(1_000_000 + index * 1_000, 0).tally)
  for (const { events, duration, users } of next)
    assert.deepEqual([events, duration.value(), users.count()], [0, 0n, 0])
  assert.equal(new Set(next).size, next.length)
  return next.filter((tally) => before.has(tally)).length
}

test('the tallies of a backlog of small panes are all used again, and once more', () => {
  const panes = filled(32, 100)
  assert.equal(usedAgain(panes), 32)
  assert.equal(usedAgain(panes), 32)
})

test('of panes with many users no more are kept than a megabyte of tables', () => {
  assert.equal(usedAgain(filled(8, 16_000)), 1)
})

test('nor of panes with many names', () => {
  const count = 1_000
  const columns = columnsIn(new ArrayBuffer(entriesAt))
  const names = { text: (number: number) => `/page-${number}` }
  const panes = new OpenPanes()
  for (let run = 0; run < 64; run += 1) {
    const pages = Int32Array.from({ length: count }, (_, row) => (run % 8) * count + row)
    const rows = { columns: { ...columns, pages }, names } as unknown as Rows
    panes.foldRows(rows, { start: Math.floor(run / 8) * 1_000, first: 0, from: 0, count, holes: 0 })
  }
  assert.equal(usedAgain(panes), 5)
})
