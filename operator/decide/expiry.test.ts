import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pipeline } from '../testing/pipelines.ts'
import { expiring } from './expiry.ts'

const hour = 3_600_000
const since = '2026-01-31T12:00:00.000Z'
const begin = Date.parse(since)
const suspensions = {
  drained: { drained: true },
  upToDate: { drained: false, countedUpTo: since },
  behind: { drained: false, countedUpTo: '2026-01-30T16:00:00.000Z' },
  unknown: { drained: false },
}
const after = (hours: number, how: keyof typeof suspensions = 'drained', spec: object = {}) => {
  const suspension = { since, sourceStopped: since, ...suspensions[how] }
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
  assert.deepEqual(after(12, 'upToDate'), ['True Expiring', 6])
  assert.deepEqual(after(22, 'upToDate'), ['True Expiring', 2])
  assert.deepEqual(after(24, 'upToDate'), ['True Expired', Infinity])
  assert.deepEqual(after(168, 'upToDate'), ['True Expired', Infinity])
})

test('events behind by 20 h of 24 are kept for 4 h more', () => {
  assert.deepEqual(after(0, 'behind'), ['True Expiring', 1])
  assert.deepEqual(after(4, 'behind'), ['True Expired', Infinity])
})

test('while nobody knows how far the events are counted they may be deleted at any time, after the retention all of them', () => {
  assert.deepEqual(after(0, 'unknown'), ['True Expiring', 24])
  assert.deepEqual(after(23, 'unknown'), ['True Expiring', 1])
  assert.deepEqual(after(24, 'unknown'), ['True Expired', Infinity])
  const message = (at: number) =>
    expiring(pipeline(), { since, ...suspensions.unknown }, begin + at * hour).fact.message
  assert.equal(
    message(0),
    'how far the events are counted is not known: events in clickstream-events not counted yet may be deleted at any ' +
      'time: set spec.suspend to false',
  )
  assert.equal(
    message(24),
    'even the newest events in clickstream-events, not known to be counted, may be deleted since ' +
      '2026-02-01T12:00:00.000Z',
  )
})

test('with a retention longer than a week the positions go first', () => {
  const spec = { topics: { events: { retention: '720h' } } }
  assert.deepEqual(after(84, 'upToDate', spec), ['True Expiring', 42])
})

test('while the data drain nothing expires yet', () => {
  assert.equal(expiring(pipeline(), { since }, begin + 100 * hour).fact.reason, 'Draining')
  assert.equal(expiring(pipeline(), undefined, begin).fact.reason, 'NotSuspended')
})
