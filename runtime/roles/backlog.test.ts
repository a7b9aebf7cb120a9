import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { freshState, taskMetadata, type TaskState } from '../stream/task-position.ts'
import { MemoryBroker } from '../testing/memory-broker.ts'
import { memoryLog } from '../testing/memory-log.ts'
import { readBacklog } from './backlog.ts'
import { type Log, LogFault } from './log.ts'
import { fastClock, turns } from './testing/clock.ts'
import { eventually } from './testing/eventually.ts'
import { remembering } from './testing/logger.ts'

const topic = 'shop-events'
const unknown = { lag: null, lateEvents: null, invalidEvents: null, newestEvent: null }

/** The backlog of a pipeline with two partitions, ten events in each. */
const world = (t: TestContext, changes: (log: Log) => Partial<Log> = () => ({})) => {
  const clock = fastClock(Date.parse('2026-01-31T12:00:00Z'))
  const broker = new MemoryBroker(clock)
  broker.createTopic(topic, 2)
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
  const put = async (partition: number, { offset, metadata }: { offset: number; metadata: string }) => {
    const lease = await inner.lease(`test.${partition}`, end.signal)
    await lease.commit({
      appends: [],
      group: 'shop-processor',
      positions: [{ topic, partition, offset, metadata }],
    })
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

test('positions that a newer version wrote are unknown', async (t) => {
  const { current, commit, put, logger } = world(t)
  await commit(0, 10)
  await put(1, { offset: 10, metadata: '{"v":2}' })
  await eventually(() => logger.messages().length === 1)
  assert.deepEqual(current(), unknown)
})
