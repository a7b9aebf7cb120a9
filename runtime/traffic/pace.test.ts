import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pace } from './pace.ts'

/** Events taken in ten seconds by ticks of uneven length around 25 ms. */
const takenInTenSeconds = (rate: number): number => {
  const steady = pace({ rate, start: 1_000_000 })
  let taken = 0
  for (let elapsed = 0, tick = 0; elapsed < 10_000; tick += 1) {
    elapsed = Math.min(10_000, elapsed + 17 + ((tick * 7) % 19))
    taken += steady.take(1_000_000 + elapsed, Infinity).count
  }
  return taken
}

test('ten seconds bring ten times the rate, whatever the ticks', () => {
  assert.equal(takenInTenSeconds(1), 10)
  assert.equal(takenInTenSeconds(10), 100)
  assert.equal(takenInTenSeconds(1_000), 10_000)
  assert.equal(takenInTenSeconds(49_999), 499_990)
  assert.equal(takenInTenSeconds(50_000), 500_000)
})

test('an event is taken at its due time and not a millisecond earlier', () => {
  const steady = pace({ rate: 3, start: 5_000 })
  assert.deepEqual(
    [0, 1, 2, 3].map((number) => steady.dueAt(number)),
    [5_334, 5_667, 6_000, 6_334],
  )
  assert.deepEqual(steady.take(5_333, 10), { first: 0, count: 0 })
  assert.deepEqual(steady.take(5_334, 10), { first: 0, count: 1 })
  assert.deepEqual(steady.take(6_000, 10), { first: 1, count: 2 })
})

test('events without room stay due for one second', () => {
  const steady = pace({ rate: 100, start: 0 })
  assert.deepEqual(steady.take(500, 20), { first: 0, count: 20 })
  assert.deepEqual(steady.take(1_000, 200), { first: 20, count: 80 })
  assert.equal(steady.skipped(), 0)
})

test("after a pause one second's events are made up for, the older ones are skipped and counted", () => {
  const steady = pace({ rate: 10, start: 0 })
  assert.deepEqual(steady.take(60_000, Infinity), { first: 590, count: 10 })
  assert.equal(steady.skipped(), 590)
  assert.equal(steady.dueAt(590), 59_100)
  assert.deepEqual(steady.take(61_000, Infinity), { first: 600, count: 10 })
})

test('a clock that is set back neither stops the pace nor repeats an event', () => {
  const steady = pace({ rate: 10, start: 100_000 })
  assert.deepEqual(steady.take(101_000, 99), { first: 0, count: 10 })
  assert.deepEqual(steady.take(51_000, 99), { first: 10, count: 0 })
  assert.deepEqual(steady.take(51_500, 99), { first: 10, count: 5 })
  assert.equal(steady.dueAt(10), 51_100)
})

test('the next event is due a period after the last one that was taken', () => {
  const steady = pace({ rate: 10, start: 1_000 })
  assert.equal(steady.nextAt(), 1_100)
  steady.take(1_250, 100)
  assert.equal(steady.nextAt(), 1_300)
})
