import assert from 'node:assert/strict'
import { test } from 'node:test'
import { figure, median, slope, spread } from './statistics.ts'

test('the median is the middle one, or the mean of the two in the middle', () => {
  assert.equal(median([5, 1, 30]), 5)
  assert.equal(median([4, 1, 3, 2]), 2.5)
  assert.equal(median([]), NaN)
})

test('a figure has three significant digits', () => {
  assert.equal(figure(1_234_567), '1,230,000')
  assert.equal(figure(56.78), '56.8')
  assert.equal(figure(0.01234), '0.0123')
  assert.equal(figure(NaN), 'unknown')
})

test('a spread goes from the least to the greatest', () => {
  assert.equal(spread([3, 1, 2], 10), '10–30')
})

test('the slope is that of the line through the points', () => {
  const stairs = [0, 1, 2, 3].map((count) => ({ at: 5 + count / 10, count }))
  assert.equal(Math.round(slope(stairs) * 1e6) / 1e6, 10)
  assert.equal(
    slope([
      { at: 0, count: 1 },
      { at: 1, count: 2 },
      { at: 2, count: 6 },
    ]),
    2.5,
  )
})
