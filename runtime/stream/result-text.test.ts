import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Scanned } from '../scan/scan.ts'
import { scannedEvent as event } from '../testing/scanned.ts'
import { resultText } from './result-text.ts'
import { count, emptyTally } from './tally.ts'

const tallyOf = (events: readonly Scanned[]) => {
  const tally = emptyTally()
  for (const each of events) count(tally, each)
  return tally
}

const window = { start: 1_769_860_800_000, end: 1_769_860_860_000, clipped: false }
const facts = { pipeline: 'shop', generation: 3, late: 1, invalid: 2 }
const text = (events: readonly Scanned[]) => resultText(window, tallyOf(events), facts)

test('a window without events is all zeros', () => {
  assert.equal(
    text([]),
    '{"pipeline":"shop","window_start":"2026-01-31T12:00:00.000Z","window_end":"2026-01-31T12:01:00.000Z",' +
      '"total_events":0,"unique_users":0,"unique_sessions":0,"event_types":{},"devices":{},"top_referrers":{},' +
      '"top_pages":{},"avg_duration_ms":0,"late_events":1,"invalid_events":2,"exact":true,"clipped":false,' +
      '"generation":3}',
  )
})

test('names stand in the order of counts, then of names, also when they look like numbers', () => {
  const pages = ['9', '9', '9', '1', '1', 'b', 'a', '__proto__', '10', 'c']
  assert.match(
    text(pages.map((page) => event({ page }))),
    /"top_pages":{"9":3,"1":2,"10":1,"__proto__":1,"a":1}/,
  )
})

test('the average is rounded half up', () => {
  const average = (...durations: number[]) =>
    /"avg_duration_ms":(\d+)/.exec(text(durations.map((duration) => event({ duration }))))?.[1]
  assert.equal(average(1, 2), '2')
  assert.equal(average(1, 1, 2), '1')
  assert.equal(average(0, 0), '0')
})

test('sums past 2^53 stay exact', () => {
  const tally = tallyOf([event({ duration: 1 })])
  tally.duration.addLarge(2n ** 53n)
  tally.duration.add(2 ** 52)
  tally.duration.add(2 ** 52)
  assert.equal(tally.duration.value(), 2n ** 54n + 1n)
})

test('more devices than a result lists are counted together at the end, and the result is not exact', () => {
  const devices = Array.from({ length: 103 }, (_, index) =>
    event({ device: `d${String(index).padStart(3, '0')}` }),
  )
  const result = text(devices)
  assert.match(result, /"d099":1,"__other__":3}/)
  assert.match(result, /"exact":false/)
})

test('names past a bound are counted together, and the result is not exact', () => {
  const pages = Array.from({ length: 10_002 }, (_, index) => event({ page: `/${index}` }))
  const tally = tallyOf(pages)
  assert.equal(tally.pages.others, 2)
  assert.match(resultText(window, tally, facts), /"exact":false/)
})
