import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { freshState, taskMetadata, type TaskState } from '../stream/task-position.ts'
import { MemoryBroker } from '../testing/memory-broker.ts'
import { memoryLog } from '../testing/memory-log.ts'
import { readBacklog } from './backlog.ts'
import { type Log, LogFault, type Position } from './log.ts'
import { fastClock, turns } from './testing/clock.ts'
import { eventually } from './testing/eventually.ts'
import { remembering } from './testing/logger.ts'

const topic = 'shop-events'
const unknown = { lag: null, lateEvents: null, invalidEvents: null, newestEvent: null, halted: null }

/** The backlog of a pipeline with two partitions, ten events in each. */
const world = (t: TestContext, changes: (log: Log) => Partial<Log> = () => ({})) => {
  const clock = fastClock(Date.parse('2026-01-31T12:00:00Z'))
  const broker = new MemoryBroker(clock)
  for (const name of [topic, 'shop-panes', 'shop-metrics']) broker.createTopic(name, 2)
  const send = (partition: number, count: number): void => {
    const messages = Array.from({ length: count }, () => ({ key: null, value: null }))
    broker.append({ topic, partition, messages })
  }
  send(0, 10)
  send(1, 10)
  const inner = memoryLog(broker)
  const end = new AbortController()
  t.after(() => end.abort())
  const logger = remembering()
  const current = readBacklog(
    { log: { ...inner, ...changes(inner) }, clock, logger, signal: end.signal },
    'shop',
  )
  const put = async (partition: number, position: Position, of = { topic, group: 'shop-processor' }) => {
    const lease = await inner.lease(`test.${partition}`, end.signal)
    const positions = [{ topic: of.topic, partition, ...position }]
    await lease.commit({ appends: [], group: of.group, positions })
  }
  const commit = (partition: number, offset: number, state: Partial<TaskState> = {}) =>
    put(partition, { offset, metadata: taskMetadata({ ...freshState(0), ...state }) })
  return { broker, current, logger, clock, send, put, commit }
}

test('the lag is unknown, not 0, until every partition has a position', async (t) => {
  const { current, commit } = world(t)
  await turns(2_000)
  assert.deepEqual(current(), unknown)
  await commit(0, 10)
  await turns(2_000)
  assert.deepEqual(current(), unknown)
  await commit(1, 10)
  await eventually(() => current().lag === 0)
})

test('what is behind the positions is the lag, and their late and invalid events are the totals', async (t) => {
  const { current, commit, send } = world(t)
  await commit(0, 4, { late: 2, invalid: 1, maxEventTime: Date.parse('2026-01-31T11:59:58Z') })
  await commit(1, 9, { late: 5 })
  await eventually(() => current().lag !== null)
  assert.deepEqual(current(), {
    lag: 7,
    lateEvents: 7,
    invalidEvents: 1,
    newestEvent: '2026-01-31T11:59:58.000Z',
    halted: null,
  })
  send(1, 90)
  await eventually(() => current().lag === 97)
})

test('a reading that fails makes it unknown again, with one line in the log, and it heals', async (t) => {
  let fault: LogFault | undefined
  const { current, commit, logger } = world(t, (log) => ({
    bounds: (...at) => (fault ? Promise.reject(fault) : log.bounds(...at)),
  }))
  await commit(0, 10)
  await commit(1, 8)
  await eventually(() => current().lag === 2)
  fault = new LogFault('no broker', { reason: 'Unreachable', retry: true })
  await eventually(() => current().lag === null)
  await turns(2_000)
  assert.equal(logger.messages().length, 1)
  fault = undefined
  await eventually(() => current().lag === 2)
})

test('a reading that never ends makes the one before it unknown', async (t) => {
  let hangs = false
  const { current, commit, clock } = world(t, (log) => ({
    partitions: (name) => (hangs ? new Promise(() => undefined) : log.partitions(name)),
  }))
  await commit(0, 10)
  await commit(1, 10)
  await eventually(() => current().lag === 0)
  hangs = true
  await turns(1_000)
  clock.advance(40_000)
  assert.deepEqual(current(), unknown)
})

/** What halts the pipeline when the positions are those that `spoil` leaves; each partition had read all its ten events. */
const haltOf = async (
  t: TestContext,
  spoil: (given: ReturnType<typeof world>) => unknown,
): Promise<string> => {
  const given = world(t)
  await given.commit(0, 10)
  await given.commit(1, 10)
  await eventually(() => given.current().lag === 0)
  assert.equal(given.current().halted, null)
  await spoil(given)
  await eventually(() => given.current().halted != null)
  assert.equal(given.current().lag, null)
  return given.current().halted ?? ''
}

test('positions that a newer version wrote, or that were moved by hand, halt the pipeline, and what to do is said', async (t) => {
  const where =
    'partition 1 of shop-events: the metadata of the committed position is not what this version writes'
  assert.equal(
    await haltOf(t, ({ put }) => put(1, { offset: 10, metadata: '{"v":2}' })),
    `${where}: was it written by a newer version? Go forward to that version.`,
  )
  assert.equal(
    await haltOf(t, ({ put }) => put(1, { offset: 0, metadata: '' })),
    `${where}: somebody else moved the position of the group shop-processor, so that nobody knows what is counted. ` +
      'Delete the four topics of the pipeline to begin anew.',
  )
})

test('so does a position whose records expired, or that the log does not reach', async (t) => {
  const expired = await haltOf(t, ({ broker, send }) => {
    send(1, 20)
    broker.partition(topic, 1).truncate(25)
  })
  assert.match(
    expired,
    /^partition 1 of shop-events: the position 0 to 10 is not in the log, which begins at 25\. /,
  )
  const short = await haltOf(t, ({ commit }) => commit(1, 11))
  assert.match(short, /the position 0 to 11 is not in the log, which ends before it\. /)
})

test('so do positions of the merger that are lost or cannot be read', async (t) => {
  const append = (topic: string) => ({ topic, partition: 0, messages: [{ key: null, value: null }] })
  const lost = await haltOf(t, ({ broker }) => broker.append(append('shop-metrics')))
  assert.match(lost, /^the group shop-merge has no position, but shop-metrics has results\. /)
  const moved = await haltOf(t, ({ put }) =>
    put(0, { offset: 0, metadata: '' }, { topic: 'shop-panes', group: 'shop-merge' }),
  )
  assert.match(
    moved,
    /^partition 0 of shop-panes: the metadata .* moved the position of the group shop-merge/,
  )
})

const lz4 = new LogFault('the batch at offset 10 cannot be read: it is compressed by lz4', {
  reason: 'Unsupported',
  retry: false,
})

test('so do records that no version reads, where a position stands still before them or none was ever committed', async (t) => {
  const behind = await haltOf(t, ({ broker, send }) => {
    broker.fetchFault = () => lz4
    send(1, 5)
  })
  const sentence = 'the batch at offset 10 cannot be read: it is compressed by lz4'
  assert.equal(behind, `partition 1 of shop-events: ${sentence}`)
  const fresh = world(t)
  fresh.broker.fetchFault = () => lz4
  await eventually(() => fresh.current().halted === `partition 0 of shop-events: ${sentence}`)
})

test('what follows a position is looked at once while it stands still, and not at all while it moves or nothing follows', async (t) => {
  let polls = 0
  const { commit, current, send } = world(t, (log) => ({
    reader(name, memory) {
      const reader = log.reader(name, memory)
      return {
        ...reader,
        seek: (...at) => reader.seek(...at),
        close: () => reader.close(),
        poll: () => (polls++, reader.poll()),
      }
    },
  }))
  await commit(0, 10)
  await commit(1, 10)
  await eventually(() => current().lag === 0)
  await turns(2_000)
  assert.equal(polls, 0)
  send(0, 3)
  await eventually(() => polls > 0)
  await turns(2_000)
  assert.deepEqual([polls, current().lag, current().halted], [1, 3, null])
})

test('a look that fails for a while makes nothing unknown', async (t) => {
  const { broker, commit, current, send } = world(t)
  await commit(0, 10)
  await commit(1, 10)
  broker.fetchFault = () => new LogFault('no leader', { reason: 'NotLeader', retry: true })
  send(0, 3)
  await eventually(() => current().lag === 3)
  await turns(2_000)
  assert.deepEqual([current().lag, current().halted], [3, null])
  broker.fetchFault = () => lz4
  await eventually(() => current().halted !== null)
})

test('what one reading alone says is not told, one that fails changes nothing, and what is mended is told no more', async (t) => {
  let [spoils, faults] = [0, 0]
  const given = world(t, (log) => ({
    position: async (at) => {
      if (faults > 0) {
        faults -= 1
        throw new LogFault('no broker', { reason: 'Unreachable', retry: true })
      }
      if (spoils === 0 || at.group !== 'shop-processor') return log.position(at)
      spoils -= 1
      return { offset: 10, metadata: '' }
    },
  }))
  await given.commit(0, 10)
  await given.commit(1, 10)
  const { current } = given
  await eventually(() => current().lag === 0)
  spoils = 1
  await eventually(() => current().lag === null)
  assert.equal(current().halted, null)
  await eventually(() => current().lag === 0)
  spoils = 3
  await eventually(() => current().halted !== null)
  faults = 1
  await eventually(() => faults === 0)
  assert.notEqual(current().halted, null)
  await eventually(() => current().lag === 0)
  assert.equal(current().halted, null)
})
