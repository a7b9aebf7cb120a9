import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  decide,
  defaultTerms as terms,
  type LeaseRecord,
  observe,
  type Standing,
  validity,
} from './election.ts'

const held: LeaseRecord = { holder: 'a', duration: 15_000, renewed: 'noon', transitions: 3 }
const standby = (now: number, identity = 'b'): Standing => ({ identity, now, validUntil: undefined })
const leading = (now: number, validUntil: number): Standing => ({ identity: 'a', now, validUntil })
const at = (now: number) => ({ now, terms })

test('a lease that nobody ever held is taken at once', () => {
  assert.deepEqual(decide(observe(undefined, undefined, at(7)), standby(7)), { kind: 'take' })
})

test('a lease that was released is taken at once', () => {
  const seen = observe(observe(undefined, held, at(0)), { ...held, holder: '', duration: 1_000 }, at(10))
  assert.deepEqual(decide(seen, standby(10)), { kind: 'take' })
})

test('a holder is waited for from when it was seen last, whatever its own clock says', () => {
  const seen = observe(undefined, { ...held, renewed: '1999-01-01T00:00:00.000000Z' }, at(1_000))
  assert.deepEqual(decide(seen, standby(1_000)), { kind: 'wait', ms: 15_000 })
  const again = observe(seen, { ...held, renewed: '1999-01-01T00:00:00.000000Z' }, at(9_000))
  assert.deepEqual(decide(again, standby(15_999)), { kind: 'wait', ms: 1 })
  assert.deepEqual(decide(again, standby(16_000)), { kind: 'take' })
})

test('a holder that renews is waited for from the beginning', () => {
  const seen = observe(observe(undefined, held, at(0)), { ...held, renewed: 'later' }, at(14_000))
  assert.deepEqual(decide(seen, standby(15_000)), { kind: 'wait', ms: 14_000 })
})

test('a lease that somebody moved to us is waited for like any other: its old holder may still write', () => {
  const seen = observe(observe(undefined, held, at(0)), { ...held, holder: 'b' }, at(5_000))
  assert.deepEqual(decide(seen, standby(5_000)), { kind: 'wait', ms: 15_000 })
})

test('a Lease that was deleted may have a holder at work, so it is waited for', () => {
  const seen = observe(observe(undefined, held, at(0)), undefined, at(5_000))
  assert.deepEqual(decide(seen, standby(5_000)), { kind: 'wait', ms: 15_000 })
  assert.deepEqual(decide(seen, standby(20_000)), { kind: 'take' })
})

test('a holder that asks for no duration is given ours', () => {
  const seen = observe(undefined, { ...held, duration: 0 }, at(0))
  assert.deepEqual(decide(seen, standby(0)), { kind: 'wait', ms: 15_000 })
})

test('who leads renews, also a Lease that was deleted', () => {
  assert.deepEqual(decide(observe(undefined, held, at(0)), leading(2_000, 10_000)), { kind: 'renew' })
  assert.deepEqual(decide(observe(undefined, undefined, at(0)), leading(2_000, 10_000)), { kind: 'renew' })
})

test('who finds another holder, or is past the time up to which it may write, has lost', () => {
  const stolen = observe(undefined, { ...held, holder: 'thief' }, at(0))
  assert.deepEqual(decide(stolen, leading(2_000, 10_000)), { kind: 'lost' })
  assert.deepEqual(decide(observe(undefined, held, at(0)), leading(10_000, 10_000)), { kind: 'lost' })
})

test('a holder may write for ten seconds from when it asked, five less than others wait', () => {
  assert.equal(validity(1_000, terms), 11_000)
  assert.equal(terms.leaseDuration - terms.renewDeadline, 5_000)
})
