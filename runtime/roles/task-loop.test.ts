import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LogFault } from './log.ts'
import { type Pod, type World, world } from './testing/pods.ts'

const start = Date.parse('2026-01-31T12:00:00Z')

/** Sends two events a second for five seconds. */
const flow = async (given: World): Promise<void> => {
  for (let half = 0; half < 10; half += 1) {
    given.send(0)
    await given.clock.advance(500)
  }
}

const stop = async (given: World, pod: Pod): Promise<void> => {
  pod.stop()
  await given.clock.advance(10_000)
  await pod.done
}

test('panes without a committed position stop the partition, and say what to do', async () => {
  const given = world(start, 1)
  const before = given.start()
  await flow(given)
  await stop(given, before)
  given.broker.forgetPositions('shop-events')
  const pod = given.start()
  await flow(given)
  const { ok, why } = pod.health()
  assert.equal(ok, false)
  assert.match(why, /the group shop-processor has no position, but shop-panes has panes of this partition/)
  assert.equal(pod.readiness().ok, false)
  assert.equal(pod.measure('events_total'), 0)
  await stop(given, pod)
})

test('results without a committed position stop the merger: no window is published twice', async () => {
  const given = world(start, 1)
  const before = given.start()
  await flow(given)
  await given.clock.advance(30_000)
  await stop(given, before)
  const published = given.results().length
  assert.ok(published > 0)
  given.broker.forgetPositions('shop-panes')
  const pod = given.start()
  await flow(given)
  await given.clock.advance(30_000)
  assert.match(pod.health().why, /the group shop-merge has no position, but shop-metrics has results/)
  assert.equal(given.results().length, published)
  await stop(given, pod)
})

test('a position that retention has overtaken stops the partition', async () => {
  const given = world(start, 1)
  const before = given.start()
  await flow(given)
  await stop(given, before)
  await flow(given)
  given.broker.partition('shop-events', 0).truncate(18)
  const pod = given.start()
  await given.clock.advance(1_000)
  assert.match(pod.health().why, /the position 0 to 5 is not in the log, which begins at 18/)
  await stop(given, pod)
})

test('a partition that never held anything but an aborted transaction begins at its start', async () => {
  const given = world(start, 1)
  given.broker.commitFault = () => 'open'
  const unlucky = given.start()
  await flow(given)
  await stop(given, unlucky)
  given.broker.commitFault = () => undefined
  const pod = given.start()
  await given.clock.advance(20_000)
  assert.equal(pod.health().ok, true)
  assert.equal(given.results()[0]?.total_events, 10)
  await stop(given, pod)
})

for (const [work, topic] of [
  ['task.0', 'shop-panes'],
  ['merge', 'shop-metrics'],
] as const)
  test(`what a crash has hidden in ${topic} and nobody can read stops the work: it may have been committed`, async () => {
    const given = world(start, 1)
    const { broker } = given
    const before = given.start()
    await flow(given)
    await given.clock.advance(30_000)
    await stop(given, before)
    const transactionalId = `default.shop.${work}`
    const holder = { transactionalId, epoch: broker.lease(transactionalId) }
    const messages = [{ key: new TextEncoder().encode('strange'), value: null }]
    const appends = [{ topic, partition: 0, messages }]
    broker.commitFault = () => ({
      kind: 'applied',
      forgotten: { first: true, rest: false, positions: false },
    })
    await assert.rejects(broker.commit(holder, { appends, group: 'any', positions: [] }), LogFault)
    broker.commitFault = () => undefined
    const pod = given.start()
    await given.clock.advance(1_000)
    assert.match(pod.health().why, /was it written by a newer version\?/i)
    assert.notEqual(broker.partition(topic, 0).hidden(), undefined)
    await stop(given, pod)
  })

test('a position beyond the end stops the partition: the log is another one', async () => {
  const given = world(start, 1)
  const before = given.start()
  await flow(given)
  await stop(given, before)
  const at = { group: 'shop-processor', topic: 'shop-events', partition: 0 }
  const position = given.broker.position(at)
  assert.ok(position)
  given.broker.deleteTopic('shop-events')
  given.broker.createTopic('shop-events', 1)
  given.send(0)
  const lease = await before.log.lease('somebody', new AbortController().signal)
  await lease.commit({ appends: [], group: at.group, positions: [{ ...at, ...position }] })
  const pod = given.start()
  await given.clock.advance(1_000)
  assert.match(pod.health().why, /is not in the log, which ends before it/)
  await stop(given, pod)
})

test('what no attempt can read stops the partition, or the merger, and says why', async () => {
  for (const topic of ['shop-events', 'shop-panes']) {
    const given = world(start, 1)
    given.broker.fetchFault = (name) =>
      name === topic
        ? new LogFault('it is compressed by lz4', { reason: 'Unsupported', retry: false })
        : undefined
    const pod = given.start()
    await flow(given)
    assert.equal(pod.health().ok, false)
    assert.match(pod.health().why, /it is compressed by lz4/)
    await stop(given, pod)
  }
})

test('while a slow transaction is on its way events are folded, and no second one is begun', async () => {
  const given = world(start, 1)
  given.broker.beforeEnd = () => given.clock.sleep(2_700)
  const pod = given.start()
  for (let second = 0; second < 7; second += 1) await flow(given)
  assert.deepEqual(
    given
      .results()
      .slice(0, 2)
      .map(({ total_events }) => total_events),
    [20, 20],
  )
  assert.equal(pod.measure('leases_total'), 2)
  await stop(given, pod)
})
