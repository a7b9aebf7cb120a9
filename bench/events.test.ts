import assert from 'node:assert/strict'
import { test } from 'node:test'
import { events, latest } from './events.ts'

const made = [...events({ count: 10_000, rate: 1_000, start: 0 })]

test('as many events come as were asked for, each once', () => {
  assert.equal(made.length, 10_000)
  assert.equal(new Set(made.map(({ event }) => event.event_id)).size, 10_000)
})

test('of a hundred events about two come late, by three seconds at most', () => {
  let newest = 0
  let late = 0
  for (const { time } of made) {
    if (time < newest) late += 1
    assert.ok(newest - time <= latest)
    newest = Math.max(newest, time)
  }
  assert.ok(late > 150 && late < 250, `${late} of 10,000`)
})
