import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pipeline } from '../testing/pipelines.ts'
import { expiring } from './expiry.ts'

const hour = 3_600_000
const since = '2026-01-31T12:00:00.000Z'
const begin = Date.parse(since)
const after = (hours: number, drained = true, spec: object = {}) => {
  const suspension = { since, sourceStopped: since, drained }
  const { fact, changesIn } = expiring(pipeline(spec), suspension, begin + hours * hour)
  return [`${fact.status} ${fact.reason}`, changesIn / hour]
}

test('events that are counted expire without harm, and then the positions are counted down', () => {
  assert.deepEqual(after(11), ['False Kept', 1])
  assert.deepEqual(after(12), ['False CountedEventsExpire', 6])
  assert.deepEqual(after(24), ['False Kept', 60])
  assert.deepEqual(after(84), ['True Expiring', 42])
  assert.deepEqual(after(168), ['True Expired', Infinity])
})

test('events that are not counted stay the first concern when they have expired', () => {
  assert.deepEqual(after(12, false), ['True Expiring', 6])
  assert.deepEqual(after(22, false), ['True Expiring', 2])
  assert.deepEqual(after(24, false), ['True Expired', Infinity])
  assert.deepEqual(after(168, false), ['True Expired', Infinity])
})

test('with a retention longer than a week the positions go first', () => {
  const spec = { topics: { events: { retention: '720h' } } }
  assert.deepEqual(after(84, false, spec), ['True Expiring', 42])
})

test('while the data drain nothing expires yet', () => {
  assert.equal(expiring(pipeline(), { since }, begin + 100 * hour).fact.reason, 'Draining')
  assert.equal(expiring(pipeline(), undefined, begin).fact.reason, 'NotSuspended')
})
