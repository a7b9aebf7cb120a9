import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { LogFault, type Log } from './roles/log.ts'
import type { AnyValues } from './measures.ts'
import type { Health, Running } from './roles/role.ts'
import { eventually } from './roles/testing/eventually.ts'
import { fastClock } from './roles/testing/clock.ts'
import { MemoryBroker } from './testing/memory-broker.ts'
import { memoryLog } from './testing/memory-log.ts'
import { remembering } from './roles/testing/logger.ts'
import { runService } from './service.ts'

const ok: Health = { ok: true, why: 'well' }

/** A service whose role does what `role` says, stopped at the end of the test. */
const serviceOf = async (
  t: TestContext,
  { connect, role = {} }: { connect: () => Promise<Log>; role?: Partial<Running> },
) => {
  const controller = new AbortController()
  const logger = remembering()
  const clock = fastClock(0)
  const stopped = new Promise<void>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve())
  })
  const done = runService({
    settings: { PIPELINE: 'shop', HTTP_PORT: 0 },
    connect,
    start: () => ({ done: stopped, health: () => ok, readiness: () => ok, measures: () => ({}), ...role }),
    clock,
    logger,
    signal: controller.signal,
  })
  const ended = done.catch(() => undefined)
  t.after(async () => {
    controller.abort()
    await ended
  })
  await eventually(() => logger.messages().includes('listening'))
  const port = Number(logger.lines.find((line) => line.message === 'listening')?.fields['port'])
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`)
  return { get, done, logger, clock, stop: () => controller.abort() }
}

const unreachable = new LogFault('no broker answers', { reason: 'Unreachable', retry: true })

test('while Kafka is away the service is alive but not ready, says so once, and connects when it is back', async (t) => {
  let tries = 0
  const { get, logger } = await serviceOf(t, {
    connect: () =>
      (tries += 1) < 5 ? Promise.reject(unreachable) : Promise.resolve(memoryLog(new MemoryBroker())),
  })
  assert.equal((await get('/healthz')).status, 200)
  await eventually(async () => (await get('/readyz')).status === 200)
  assert.equal(tries, 5)
  assert.deepEqual(logger.messages(), ['listening', 'waiting for Kafka', 'connected to Kafka'])
})

test('before Kafka answers the reason is on the probes, and after five minutes a new process may try', async (t) => {
  const { get, clock } = await serviceOf(t, { connect: () => new Promise(() => undefined) })
  const ready = await get('/readyz')
  assert.equal(ready.status, 503)
  assert.equal(await ready.text(), 'waiting for Kafka\n')
  assert.equal((await get('/')).status, 503)
  assert.equal((await get('/healthz')).status, 200)
  clock.advance(300_001)
  assert.equal((await get('/healthz')).status, 503)
})

test('while Kafka cannot be reached the readiness probe says what came of the last try', async (t) => {
  const { get } = await serviceOf(t, { connect: () => Promise.reject(unreachable) })
  await eventually(
    async () => (await (await get('/readyz')).text()) === 'waiting for Kafka: no broker answers\n',
  )
})

test('a stop while it waits for Kafka ends the service', async (t) => {
  const { stop, done, get } = await serviceOf(t, { connect: () => new Promise(() => undefined) })
  stop()
  await done
  await assert.rejects(get('/healthz'))
})

test('a fault that waiting cannot heal ends the service', async (t) => {
  const refused = new LogFault('wrong password', { reason: 'Refused', retry: false })
  const { done } = await serviceOf(t, { connect: () => Promise.reject(refused) })
  await assert.rejects(done, refused)
})

test('a role that cannot go on ends the service, and the log is closed', async (t) => {
  const log = memoryLog(new MemoryBroker())
  const failure = new Error('cannot go on')
  const { done } = await serviceOf(t, {
    connect: () => Promise.resolve(log),
    role: {
      get done() {
        return Promise.reject(failure)
      },
    },
  })
  await assert.rejects(done, failure)
  await assert.rejects(log.partitions('shop-events'), /this client is gone/)
})

test('a stalled role fails liveness with its reason', async (t) => {
  const { get } = await serviceOf(t, {
    connect: () => Promise.resolve(memoryLog(new MemoryBroker())),
    role: { health: () => ({ ok: false, why: 'stalled at offset 7' }) },
  })
  await eventually(async () => (await get('/healthz')).status === 503)
  assert.equal(await (await get('/healthz')).text(), 'stalled at offset 7\n')
})

test('metrics have the process, the pipeline, and the measures of the role, but none that is unknown', async (t) => {
  let measures: AnyValues = {}
  const { get } = await serviceOf(t, {
    connect: () => Promise.resolve(memoryLog(new MemoryBroker())),
    role: { measures: () => measures },
  })
  await eventually(async () => (await get('/readyz')).status === 200)
  for (const value of [7, 9]) {
    measures = {
      windows_seen_total: value,
      dead_letters_total: { Late: value },
      freshness_seconds: undefined,
    }
    const text = await (await get('/metrics')).text()
    assert.match(text, new RegExp(`^clickstream_windows_seen_total\\{pipeline="shop"\\} ${value}$`, 'm'))
    assert.match(
      text,
      new RegExp(`^clickstream_dead_letters_total\\{reason="Late",pipeline="shop"\\} ${value}$`, 'm'),
    )
    assert.match(text, /^clickstream_build_info\{version="\d[^"]*",pipeline="shop"\} 1$/m)
    assert.match(text, /^process_resident_memory_bytes\{pipeline="shop"\} \d+/m)
    assert.doesNotMatch(text, /^clickstream_freshness_seconds\{/m)
  }
})

test('a measure that becomes unknown disappears', async (t) => {
  let freshness: number | undefined = 3
  const { get } = await serviceOf(t, {
    connect: () => Promise.resolve(memoryLog(new MemoryBroker())),
    role: { measures: () => ({ freshness_seconds: freshness }) },
  })
  await eventually(async () => (await get('/readyz')).status === 200)
  assert.match(await (await get('/metrics')).text(), /^clickstream_freshness_seconds\{pipeline="shop"\} 3$/m)
  freshness = undefined
  assert.doesNotMatch(await (await get('/metrics')).text(), /^clickstream_freshness_seconds/m)
})
