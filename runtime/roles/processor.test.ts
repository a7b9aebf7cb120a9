import assert from 'node:assert/strict'
import { test } from 'node:test'
import { malformed } from '../../test/inputs/malformed.ts'
import type { CommitFault } from '../testing/memory-broker.ts'
import { type Pod, type World, world } from './testing/pods.ts'

const start = Date.parse('2026-01-31T12:00:00Z')

/** Sends an event to each partition every half second, for so many seconds. */
const flow = async (given: World, seconds: number, partitions = 2): Promise<void> => {
  for (let half = 0; half < 2 * seconds; half += 1) {
    for (let partition = 0; partition < partitions; partition += 1)
      given.send(partition, { user_id: `user-${half % 4}` })
    await given.clock.advance(500)
  }
}

const totals = (given: World) =>
  given.results().map(({ window_start, total_events }) => [window_start.slice(14, 19), total_events])

const stop = async (given: World, ...pods: Pod[]): Promise<void> => {
  for (const pod of pods) pod.stop()
  const done = Promise.all(pods.map((pod) => pod.done))
  await given.clock.advance(10_000)
  await done
}

test('a window is published once its events and the grace have passed, with a log line', async () => {
  const given = world(start)
  const pod = given.start()
  await flow(given, 23)
  assert.deepEqual(totals(given), [
    ['00:00', 40],
    ['00:10', 40],
  ])
  const [first] = given.results()
  assert.equal(first?.unique_users, 4)
  assert.deepEqual(first.event_types, { page_view: 40 })
  assert.equal(first.avg_duration_ms, 120)
  const lines = pod.logger.lines.filter(({ message }) => message === 'window complete')
  assert.deepEqual(
    lines.map(({ fields }) => [fields['window_start'], fields['total_events']]),
    [
      ['2026-01-31T12:00:00.000Z', 40],
      ['2026-01-31T12:00:10.000Z', 40],
    ],
  )
  assert.deepEqual(pod.readiness(), { ok: true, why: '2 partitions are worked at' })
  assert.equal(pod.health().ok, true)
  await stop(given, pod)
})

test('when no event comes any more the window closes by idle time, and empty ones follow as zeros', async () => {
  const given = world(start)
  const pod = given.start()
  await flow(given, 4)
  await given.clock.advance(30_000)
  assert.deepEqual(totals(given), [
    ['00:00', 16],
    ['00:10', 0],
  ])
  await stop(given, pod)
})

test('every malformed event is a dead letter with its reason, and the stream goes on', async () => {
  const given = world(start, 1)
  const pod = given.start()
  for (const { value } of malformed) given.sendBytes(0, value)
  await flow(given, 13, 1)
  assert.deepEqual(
    given.deadLetters().map(({ reason }) => reason),
    malformed.map(({ reason }) => reason),
  )
  assert.deepEqual(given.deadLetters()[0], {
    reason: 'Tombstone',
    detail: 'the record has no value',
    topic: 'shop-events',
    partition: '0',
    offset: '0',
  })
  assert.deepEqual(totals(given), [['00:00', 20]])
  assert.equal(given.results()[0]?.invalid_events, malformed.length)
  assert.equal(pod.measure('invalid_events_total'), malformed.length)
  assert.equal(pod.measure('unaccounted_events'), 0)
  await stop(given, pod)
})

test('an event of 1970 after the stream has begun is late', async () => {
  const given = world(start, 1)
  const pod = given.start()
  await flow(given, 3, 1)
  given.send(0, { timestamp: '1970-01-01T00:00:00Z' })
  await flow(given, 10, 1)
  assert.deepEqual(
    given.deadLetters().map(({ reason }) => reason),
    ['Late'],
  )
  assert.equal(given.results()[0]?.late_events, 1)
  await stop(given, pod)
})

test('a pod dies in the middle, another takes over: every total is exact', async () => {
  const given = world(start, 4)
  const [first, second] = [given.start(), given.start()]
  await flow(given, 7, 4)
  first.log.crash()
  await flow(given, 26, 4)
  assert.deepEqual(totals(given), [
    ['00:00', 80],
    ['00:10', 80],
    ['00:20', 80],
  ])
  assert.equal(second.measure('partitions_assigned'), 4)
  await stop(given, second, first)
})

test('a pod that the group has dropped, but that goes on, changes nothing', async () => {
  const given = world(start, 2)
  const zombie = given.start()
  await flow(given, 7)
  const heir = given.start()
  zombie.log.expel()
  await flow(given, 40)
  assert.deepEqual(
    totals(given)
      .slice(0, 4)
      .map(([, total]) => total),
    [40, 40, 40, 40],
  )
  assert.deepEqual(given.deadLetters(), [])
  // Who is fenced gives way: the two do not take the leases from each other all the time.
  const leases = (zombie.measure('leases_total') ?? 0) + (heir.measure('leases_total') ?? 0)
  assert.ok(leases <= 18, `${leases} leases`)
  await stop(given, zombie, heir)
})

test('commits whose outcome is unknown, lost or left open change nothing in the totals', async () => {
  const given = world(start, 2)
  const faults: (CommitFault | undefined)[] = [
    undefined,
    'applied',
    'open',
    undefined,
    'lost',
    'applied',
    undefined,
  ]
  let commits = 0
  given.broker.commitFault = () => {
    commits += 1
    return faults[commits % faults.length]
  }
  const pod = given.start()
  await flow(given, 45)
  assert.deepEqual(totals(given), [
    ['00:00', 40],
    ['00:10', 40],
    ['00:20', 40],
    ['00:30', 40],
  ])
  assert.equal(pod.measure('duplicate_panes_total'), 0)
  assert.equal(pod.measure('unaccounted_events'), 0)
  assert.equal(pod.health().ok, true)
  await stop(given, pod)
})

test('a new window takes effect where results end: the first is cut there, an older generation gives way', async () => {
  const given = world(start)
  const old = given.start()
  await flow(given, 14)
  await stop(given, old)
  const next = given.start({ WINDOW_SIZE_MS: 15_000, WINDOW_SLIDE_MS: 15_000, WINDOW_GENERATION: 2 })
  await flow(given, 25)
  const shown = given
    .results()
    .map(({ window_start, window_end, total_events, clipped, generation }) => [
      window_start.slice(14, 19),
      window_end.slice(14, 19),
      total_events,
      clipped,
      generation,
    ])
  assert.deepEqual(shown.slice(0, 3), [
    ['00:00', '00:10', 40, false, 1],
    ['00:10', '00:15', 16, true, 2],
    ['00:15', '00:30', 24, false, 2],
  ])
  await stop(given, next)
  const stale = given.start()
  await given.clock.advance(30_000)
  assert.equal(given.results().filter(({ generation }) => generation === 1).length, 1)
  assert.ok(stale.logger.messages().includes('somebody else does this work'))
  assert.equal(stale.health().ok, true)
  await stop(given, stale)
})

test('partitions are added while events flow: no total misses any', async () => {
  const given = world(start, 1)
  const pod = given.start()
  await flow(given, 5, 1)
  for (const topic of ['shop-panes', 'shop-dlq', 'shop-events']) given.broker.createTopic(topic, 3)
  await flow(given, 28, 3)
  assert.deepEqual(totals(given), [
    ['00:00', 40],
    ['00:10', 60],
    ['00:20', 60],
  ])
  await stop(given, pod)
})

test('stopping ends the work, leaves the group and needs no more than ten seconds', async () => {
  const given = world(start)
  const [pod, other] = [given.start(), given.start()]
  await flow(given, 3)
  let ended = false
  pod.stop()
  void pod.done.then(() => (ended = true))
  await given.clock.advance(2_000)
  assert.equal(ended, true)
  assert.equal(other.measure('partitions_assigned'), 2)
  await stop(given, other)
})

test('brokers that refuse at once leave the pod alive, but not ready', async () => {
  const given = world(start, 1)
  const pod = given.start()
  await flow(given, 3, 1)
  assert.equal(pod.health().ok, true)
  pod.log.crash()
  await given.clock.advance(120_000)
  // It tries again for ever: a new process could not do better.
  assert.equal(pod.health().ok, true)
  assert.equal(pod.readiness().ok, false)
  await stop(given, pod)
})

test('a pod that the group gives nothing is ready once it has found the topic', async () => {
  const given = world(start, 1)
  const pods = [given.start(), given.start()]
  await given.clock.advance(3_000)
  const [, idle] = pods
  assert.deepEqual(idle?.readiness(), { ok: false, why: 'waiting for the topic of the events' })
  await given.clock.advance(1_000)
  assert.deepEqual(idle?.readiness(), { ok: true, why: '0 partitions are worked at' })
  await stop(given, ...pods)
})
