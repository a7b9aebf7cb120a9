import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type FakeClock, fakeClock } from '../testing/clock.ts'
import { FakeLease } from '../testing/lease.ts'
import { keptLogger } from '../testing/logger.ts'
import type { Clock } from '../reconcile/clock.ts'
import { StatusFault } from './fault.ts'
import { Leader } from './leader.ts'

/** A clock of a process that can be stopped: its time goes on, and it does nothing. */
interface ProcessClock extends Clock {
  stop(): void
  go(): void
}

const processClock = (clock: Clock): ProcessClock => {
  let stopped = false
  const late: (() => void)[] = []
  return {
    now: () => clock.now(),
    after(ms, run) {
      let off = false
      const fire = () => void (off || run())
      const cancel = clock.after(ms, () => (stopped ? void late.push(fire) : fire()))
      return () => {
        off = true
        cancel()
      }
    },
    stop: () => void (stopped = true),
    go() {
      stopped = false
      for (const fire of late.splice(0)) fire()
    },
  }
}

interface Instance {
  leader: Leader
  clock: ProcessClock
  /** Terms that began. */
  terms: number
  /** SIGTERM. */
  end: AbortController
  over: Promise<void>
  lines: () => string[]
}

/** An instance whose work takes as long as its term, and `drain` milliseconds more. */
const instance = (
  shared: FakeClock,
  lease: FakeLease,
  options: { name: string; drain?: number },
): Instance => {
  const { logger, lines } = keptLogger()
  const clock = processClock(shared)
  const leader = new Leader({
    store: lease.store(clock),
    lease: 'kafka/clickstream-operator',
    identity: options.name,
    clock,
    wallClock: () => 0,
    random: () => 0.5,
    logger,
  })
  const end = new AbortController()
  const work = async (term: AbortSignal) => {
    made.terms += 1
    await new Promise<void>((resolve) => term.addEventListener('abort', () => resolve()))
    await new Promise<void>((resolve) => clock.after(options.drain ?? 0, resolve))
  }
  const made: Instance = {
    leader,
    clock,
    terms: 0,
    end,
    over: Promise.resolve(),
    lines: () => lines.map(({ msg }) => msg),
  }
  made.over = leader.run(work, end.signal)
  return made
}

const world = (delay: () => number = () => 0) => {
  const clock = fakeClock()
  const lease = new FakeLease({ clock, delay })
  return { clock, lease, start: (name: string, drain = 0) => instance(clock, lease, { name, drain }) }
}

test('the first leads at once and keeps the lease, the second waits', async () => {
  const { clock, start } = world()
  const one = start('one')
  await clock.advance(10)
  const two = start('two')
  await clock.advance(120_000)
  assert.deepEqual([one.leader.leads, one.terms, two.leader.leads, two.terms], [true, 1, false, 0])
  assert.doesNotThrow(one.leader.guard)
  assert.throws(two.leader.guard, (error) => error instanceof StatusFault && error.retry)
})

test('a holder renews by one request, and looks at once when that has no answer', async () => {
  const { clock, lease, start } = world()
  const one = start('one')
  await clock.advance(10)
  lease.requests.length = 0
  await clock.advance(20_000)
  assert.deepEqual(lease.requests, Array(10).fill('write'))
  lease.refusals = 1
  await clock.advance(2_000)
  assert.deepEqual([one.terms, ...lease.requests.slice(10)], [1, 'write', 'read', 'write'])
})

test('after SIGTERM the lease is kept while passes end, then released, and a successor has it within five seconds', async () => {
  const { clock, lease, start } = world()
  const one = start('one', 12_000)
  await clock.advance(10)
  const two = start('two')
  one.end.abort()
  await clock.advance(11_900)
  assert.deepEqual([one.leader.leads, lease.holder], [true, 'one'])
  await clock.advance(200)
  await one.over
  assert.deepEqual([one.leader.leads, lease.holder], [false, ''])
  await clock.advance(4_500)
  assert.deepEqual([two.leader.leads, lease.holder], [true, 'two'])
})

test('a holder that died is succeeded after fifteen seconds and a look', async () => {
  const { clock, start } = world()
  const one = start('one')
  await clock.advance(10)
  const two = start('two')
  one.clock.stop()
  await clock.advance(14_900)
  assert.equal(two.leader.leads, false)
  await clock.advance(5_000)
  assert.equal(two.leader.leads, true)
})

test('a holder that is stopped for thirty seconds may not write when it goes on, and waits again', async () => {
  const { clock, lease, start } = world()
  const one = start('one')
  await clock.advance(10)
  const two = start('two')
  one.clock.stop()
  await clock.advance(30_000)
  assert.throws(one.leader.guard, /does not hold the lease kafka\/clickstream-operator/)
  one.clock.go()
  await clock.advance(10_000)
  assert.deepEqual([one.leader.leads, two.leader.leads, lease.holder], [false, true, 'two'])
  assert.ok(one.lines().includes('the lease is lost; nothing is written any more'))
})

test('an API server that is away ends the term after ten seconds, and the same instance leads again when it is back', async () => {
  const { clock, lease, start } = world()
  const one = start('one')
  await clock.advance(10)
  lease.down = true
  await clock.advance(9_900)
  assert.equal(one.leader.leads, true)
  await clock.advance(2_100)
  assert.deepEqual([one.leader.leads, one.terms], [false, 1])
  assert.match(
    one.leader.problem ?? '',
    /^cannot see who holds the lease kafka\/clickstream-operator; trying again: /,
  )
  await clock.advance(300_000)
  lease.down = false
  await clock.advance(4_500)
  assert.deepEqual([one.leader.leads, one.terms, one.leader.problem], [true, 2, undefined])
})

test('a lease that is moved to another instance is used by none until the old holder has surely stopped', async () => {
  const { clock, lease, start } = world()
  const one = start('one')
  await clock.advance(10)
  const two = start('two')
  await clock.advance(10_000)
  lease.put('two')
  await clock.advance(2_100)
  assert.deepEqual([one.leader.leads, two.leader.leads], [false, false])
  await clock.advance(20_000)
  assert.equal(Number(one.leader.leads) + Number(two.leader.leads), 1)
})

test('with two seconds each way nobody loses the lease', async () => {
  const { clock, start } = world(() => 1_000)
  const one = start('one')
  await clock.advance(5_000)
  start('two')
  await clock.advance(300_000)
  assert.deepEqual([one.leader.leads, one.terms], [true, 1])
})

const who = fc.integer({ min: 0, max: 2 })
const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 7_000 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('stop' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('go' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('steal' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('down' as const), down: fc.boolean() }) },
)
const names = ['a', 'b', 'c']

test('in any history of stops, slow answers, thefts and outages no two may write, and in the end one does', async () => {
  const history = fc.asyncProperty(
    fc.array(action, { minLength: 5, maxLength: 40 }),
    fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 7 }),
    async (actions, delays) => {
      let turn = 0
      let calm = false
      const { clock, lease, start } = world(() => (calm ? 10 : (delays[turn++ % delays.length] ?? 0)))
      const running = names.map((name) => start(name))
      const check = () => {
        const leading = running.filter(({ leader }) => leader.leads).length
        assert.ok(leading <= 1, `${leading} may write at ${clock.now()}`)
      }
      const pass = async (ms: number) => {
        for (let left = ms; left > 0; left -= 200) {
          await clock.advance(Math.min(left, 200))
          check()
        }
      }
      const act = async (step: (typeof actions)[number]) => {
        if (step.kind === 'wait') return pass(step.ms)
        if (step.kind === 'down') return void (lease.down = step.down)
        const { clock: stoppable, end } = running[step.who] ?? assert.fail()
        if (step.kind === 'steal') return lease.put(names[step.who] ?? '')
        if (step.kind === 'end') return end.abort()
        return step.kind === 'stop' ? stoppable.stop() : stoppable.go()
      }
      for (const step of actions) {
        await act(step)
        check()
      }
      calm = true
      lease.down = false
      for (const { clock: stoppable } of running) stoppable.go()
      await pass(45_000)
      const alive = running.filter(({ end }) => !end.signal.aborted)
      assert.equal(alive.filter(({ leader }) => leader.leads).length, Math.min(1, alive.length))
    },
  )
  await fc.assert(history, { numRuns: Number(process.env['HISTORIES'] ?? 20) })
})
