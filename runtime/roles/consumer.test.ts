import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { aWindow } from '../board/testing/window.ts'
import { serve } from '../http/server.ts'
import type { WindowResult } from '../stream/result.ts'
import { Summary } from '../summary.ts'
import { runConsumer } from './consumer.ts'
import { LogFault } from './log.ts'
import type { Running } from './role.ts'
import { fastClock } from './testing/clock.ts'
import { oneTopic, type OneTopic } from './testing/log.ts'
import { remembering } from './testing/logger.ts'
import { eventually } from './testing/eventually.ts'
import { numberIn } from './testing/pods.ts'

const start = Date.parse('2026-01-31T12:00:00Z')
const minute = 60_000

const result = (n: number, given: Partial<WindowResult> = {}): string =>
  JSON.stringify(aWindow(start + n * minute, given).result)

/** A consumer of a topic, stopped at the end of the test. */
const consume = (
  t: TestContext,
  { partitions = 1, given }: { partitions?: number; given?: (topic: OneTopic) => void } = {},
) => {
  const controller = new AbortController()
  const printed: string[] = []
  const logger = remembering()
  const clock = fastClock(start + 600 * minute)
  const topic = oneTopic('shop-metrics', { partitions, clock })
  given?.(topic)
  const settings = {
    PIPELINE: 'shop',
    NAMESPACE: 'default',
    KAFKA_BOOTSTRAP_SERVERS: 'kafka:9092',
    HTTP_PORT: 0,
    LOG_LEVEL: 'info' as const,
  }
  const running = runConsumer({
    settings,
    log: topic.log,
    clock,
    logger,
    signal: controller.signal,
    print: (text) => void printed.push(text),
  })
  t.after(async () => {
    controller.abort()
    await running.done
  })
  const starts = (): (string | undefined)[] => printed.map((text) => /\d\d:\d\d:\d\d(?= →)/.exec(text)?.[0])
  const measure = (name: string) => numberIn(running.measures(), name)
  return { topic, running, clock, logger, printed, starts, measure }
}

const served = async (t: TestContext, running: Running): Promise<string> => {
  const server = await serve({
    port: 0,
    route: (path) => running.routes?.[path],
    failed: (error) => assert.fail(String(error)),
  })
  t.after(() => server.close())
  return `http://127.0.0.1:${server.port}`
}

test('of the windows that exist only the newest is printed, then each new one in order', async (t) => {
  const { topic, running, starts } = consume(t, {
    partitions: 2,
    given: (own) => {
      for (let n = 0; n < 50; n += 1) own.write(n % 2, result(n))
    },
  })
  await eventually(() => running.readiness().ok)
  assert.deepEqual(starts(), ['12:49:00'])
  topic.write(0, result(51))
  topic.write(1, result(50))
  await eventually(() => starts().length === 3)
  assert.deepEqual(starts(), ['12:49:00', '12:50:00', '12:51:00'])
})

test('reading begins a bounded way before the end', async (t) => {
  const { running, measure } = consume(t, {
    given: (own) => {
      for (let n = 0; n < 1_000; n += 1) own.write(0, result(n))
    },
  })
  await eventually(() => running.readiness().ok)
  assert.equal(measure('windows_seen_total'), 360)
})

test('a record that is no result is counted and logged, and reading goes on', async (t) => {
  const { topic, running, logger, starts, measure } = consume(t)
  await eventually(() => running.readiness().ok)
  topic.write(0, '{"half":')
  topic.write(0, result(1, { total_events: -1 }))
  topic.write(0, result(1, { window_end: '2026-01-31T12:01:00.000Z' }))
  topic.write(0, result(2))
  await eventually(() => starts().length === 1)
  assert.deepEqual(starts(), ['12:02:00'])
  assert.equal(measure('results_unreadable_total'), 3)
  const told = logger.lines.filter((l) => l.message === 'a result that cannot be read was skipped')
  assert.deepEqual(
    told.map((line) => line.fields['offset']),
    [0, 1, 2],
  )
})

test('a second result for a window is printed with a mark and raises a counter', async (t) => {
  const { topic, running, printed, measure } = consume(t, { given: (own) => own.write(0, result(1)) })
  await eventually(() => running.readiness().ok)
  topic.write(0, result(1, { total_events: 7 }))
  await eventually(() => printed.length === 2)
  assert.match(printed[1] ?? '', /second result for this window/)
  assert.equal(measure('windows_repeated_total'), 1)
})

test('a partition that is added is read from its first record', async (t) => {
  const { topic, running, starts, clock } = consume(t)
  await eventually(() => running.readiness().ok)
  topic.grow(2)
  topic.write(1, result(3))
  clock.advance(30_000)
  await eventually(() => starts().length === 1)
  assert.deepEqual(starts(), ['12:03:00'])
})

test('a topic that cannot be read makes the consumer unready, then unhealthy, and it heals', async (t) => {
  const { topic, running, logger, starts } = consume(t)
  await eventually(() => running.readiness().ok)
  topic.fault = new LogFault('no broker', { reason: 'Unreachable', retry: true })
  await eventually(() => !running.health().ok)
  assert.match(running.readiness().why, /^the topic shop-metrics could not be read for \d+ s$/)
  topic.fault = undefined
  topic.write(0, result(1))
  await eventually(() => starts().length === 1)
  assert.equal(running.health().ok, true)
  assert.equal(logger.messages().filter((m) => m === 'cannot read the results yet').length, 1)
})

test('records that expired before they were read are passed over', async (t) => {
  const { topic, running, starts } = consume(t, {
    given: (own) => {
      for (let n = 0; n < 9; n += 1) own.write(0, result(n))
    },
  })
  await eventually(() => running.readiness().ok)
  for (let n = 9; n < 30; n += 1) topic.write(0, result(n))
  topic.expire(28)
  await eventually(() => starts().length === 3)
  assert.deepEqual(starts(), ['12:08:00', '12:28:00', '12:29:00'])
})

test('the summary is null for what is not known, and tells the newest window when there is one', async (t) => {
  const { topic, running } = consume(t)
  const url = await served(t, running)
  const summary = async (): Promise<Record<string, unknown>> =>
    (await (await fetch(`${url}/api/summary`)).json()) as Record<string, unknown>
  await eventually(() => running.readiness().ok)
  const before = await summary()
  assert.equal(before['pipeline'], 'shop')
  assert.equal(before['lastWindow'], null)
  assert.equal(before['freshnessSeconds'], null)
  assert.equal(before['lateEvents'], null)
  assert.equal(before['lag'], null)
  topic.write(0, result(599, { late_events: 2 }))
  await eventually(async () => (await summary())['lastWindow'] !== null)
  const after = await summary()
  assert.deepEqual((after['lastWindow'] as Record<string, unknown>)['totalEvents'], 600)
  assert.equal(after['eventsPerSecond'], 10)
  assert.equal(after['lateEvents'], null) // the events of one window are not the pipeline's
  assert.deepEqual(Summary.parse(after), after)
})

test('the newest windows come newest first, as many as asked for', async (t) => {
  const { running } = consume(t, {
    given: (own) => {
      for (let n = 0; n < 30; n += 1) own.write(0, result(n))
    },
  })
  const url = await served(t, running)
  await eventually(() => running.readiness().ok)
  const windows = async (query: string): Promise<WindowResult[]> =>
    ((await (await fetch(`${url}/api/windows${query}`)).json()) as { windows: WindowResult[] }).windows
  assert.deepEqual(
    (await windows('?limit=2')).map((window) => window.window_start),
    ['2026-01-31T12:29:00.000Z', '2026-01-31T12:28:00.000Z'],
  )
  assert.equal((await windows('')).length, 20)
  assert.equal((await fetch(`${url}/api/windows?limit=-1`)).status, 400)
  assert.equal((await fetch(`${url}/api/windows?limit=x`)).status, 400)
})

test('a page gets the board first and then each new window', async (t) => {
  const { topic, running } = consume(t, { given: (own) => own.write(0, result(1)) })
  const url = await served(t, running)
  await eventually(() => running.readiness().ok)
  const { body } = await fetch(`${url}/events`)
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
  t.after(() => reader?.cancel())
  let text = ''
  const received = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(text)) text += (await reader?.read())?.value ?? assert.fail('the stream ended')
  }
  await received(/^retry: 2000\n\nevent: board\ndata: .*"windows":\[\{.*12:01:00\.000Z.*\n\n/)
  topic.write(0, result(2))
  await received(/event: window\ndata: .*"window_start":"2026-01-31T12:02:00\.000Z".*\n\n/)
})

test('the page allows nothing but its own script and style', async (t) => {
  const { running } = consume(t)
  const response = await fetch(`${await served(t, running)}/`)
  const policy = response.headers.get('content-security-policy') ?? ''
  assert.match(
    policy,
    /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; connect-src 'self'/,
  )
  const page = await response.text()
  assert.doesNotMatch(
    page,
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|https?:\/\/(?!www\.w3\.org)/,
  )
  assert.equal(page.match(/<script>/g)?.length, 1)
})
