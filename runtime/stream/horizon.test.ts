import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Horizon } from './horizon.ts'

const fresh = (grace = 10_000) => new Horizon({ bounds: [], grace })

test('an event a minute ahead of the clock is believed, one millisecond more is not', () => {
  assert.equal(fresh().believes({ offset: 0, time: 160_000 }, 100_000), true)
  assert.equal(fresh().believes({ offset: 0, time: 160_001 }, 100_000), false)
})

test('an event that was refused stays refused in a replay, whatever came after it', () => {
  const horizon = fresh()
  assert.equal(horizon.believes({ offset: 0, time: 100_000 }, 100_000), true)
  assert.equal(horizon.believes({ offset: 1, time: 170_000 }, 100_000), false)
  assert.equal(horizon.believes({ offset: 2, time: 175_000 }, 120_000), true)
  const replay = new Horizon({ bounds: horizon.bounds, grace: 10_000 })
  assert.equal(replay.believed({ offset: 0, time: 100_000 }), true)
  assert.equal(replay.believed({ offset: 1, time: 170_000 }), false)
  assert.equal(replay.believed({ offset: 2, time: 175_000 }), true)
})

test('sources whose clocks are right need one bound for ever', () => {
  const horizon = fresh()
  for (let now = 0; now < 10_000_000; now += 1_000) horizon.believes({ offset: now, time: now + 500 }, now)
  assert.equal(horizon.bounds.length, 1)
})

const step = fc.record({
  pass: fc.integer({ min: -2_000, max: 5_000 }),
  ahead: fc.integer({ min: 50_000, max: 75_000 }),
})

test('a replay judges every event as it was judged first, also when a clock went back or a new task took over', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), fc.nat({ max: 60 }), (steps, takeover) => {
      let horizon = fresh()
      let now = 1_000_000
      const judged = steps.map(({ pass, ahead }, offset) => {
        if (offset === takeover) horizon = new Horizon({ bounds: horizon.bounds, grace: 10_000 })
        now += pass
        const event = { offset, time: now + ahead }
        return { event, believed: horizon.believes(event, now) }
      })
      const replay = new Horizon({ bounds: horizon.bounds, grace: 10_000 })
      for (const { event, believed } of judged) assert.equal(replay.believed(event), believed)
    }),
  )
})

test('the bounds stay few when clocks are wrong in the worst way for a week of grace', () => {
  const grace = 7 * 24 * 3_600_000
  const horizon = fresh(grace)
  let most = 0
  let now = 1_000_000_000
  // One source just under a minute ahead, one just over it, at every minute; a replay needs a week of them.
  for (let offset = 0; offset < 40_000; offset += 2) {
    now += 60_000
    horizon.believes({ offset, time: now + 60_001 }, now)
    assert.equal(horizon.believes({ offset: offset + 1, time: now + 59_999 }, now), true)
    horizon.forget(offset - 2 * (grace / 60_000))
    most = Math.max(most, horizon.bounds.length)
  }
  assert.ok(most <= 40, `${most} bounds`)
})
