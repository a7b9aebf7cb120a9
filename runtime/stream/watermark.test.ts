import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Watermark } from './watermark.ts'

const watermark = (newest = 0) => new Watermark({ grace: 10_000, idleTimeout: 30_000, newest })
const quiet = { news: false }

test('the watermark is the newest event time minus grace and never falls', () => {
  const mark = watermark()
  mark.observe(100_000)
  assert.equal(mark.value(), 90_000)
  mark.observe(95_000)
  assert.equal(mark.value(), 90_000)
})

test('an answer that was looked at late speaks for the time when it was asked for', () => {
  const mark = new Watermark({ grace: 0, idleTimeout: 1_000, newest: 0 })
  for (let now = 100_000; now <= 102_000; now += 500) mark.fetched(now, quiet)
  assert.equal(mark.value(), 100_500)
  // The process stood still: what came after 102,000 is not in this answer.
  mark.fetched(106_000, quiet)
  assert.equal(mark.value(), 101_000)
})

test('silence of less than the idle timeout moves nothing', () => {
  const mark = watermark(100_000)
  for (let now = 200_000; now < 230_000; now += 500) mark.fetched(now, quiet)
  assert.equal(mark.value(), 90_000)
})

test('after the idle timeout the clock moves it, minus grace and idle timeout', () => {
  const mark = watermark(100_000)
  for (let now = 200_000; now <= 230_500; now += 500) mark.fetched(now, quiet)
  assert.equal(mark.value(), 190_000)
})

test('news starts the silence again', () => {
  const mark = watermark(100_000)
  for (let now = 200_000; now <= 240_000; now += 500) mark.fetched(now, { news: now === 225_000 })
  assert.equal(mark.value(), 90_000)
})

test('a broker that does not answer for a while is not idle', () => {
  const mark = watermark(100_000)
  mark.fetched(200_000, quiet)
  mark.fetched(260_000, quiet)
  assert.equal(mark.value(), 90_000)
})

test('the clock never moves it back behind the events', () => {
  const mark = watermark(500_000)
  for (let now = 200_000; now <= 240_000; now += 500) mark.fetched(now, quiet)
  assert.equal(mark.value(), 490_000)
})
