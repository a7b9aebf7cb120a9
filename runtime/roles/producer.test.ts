import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partitionOf } from '../traffic/murmur2.ts'
import { LogFault } from './log.ts'
import { runProducer } from './producer.ts'
import { fastClock, turns } from './testing/clock.ts'
import { OneTopic } from './testing/log.ts'
import { remembering } from './testing/logger.ts'

const start = Date.parse('2026-01-31T12:00:00Z')

/** A producer that is stopped after `seconds` of its own time, with the topic it wrote. */
const produce = async (options: {
  rate?: number
  users?: number
  seconds?: number
  topic?: OneTopic
  pod?: string
  at?: (elapsed: number, topic: OneTopic) => void
}) => {
  const { rate = 100, users = 50, seconds = 10, topic = new OneTopic(6), pod = 'pod-0', at } = options
  const controller = new AbortController()
  const logger = remembering()
  const clock = fastClock(start, (now) => {
    at?.(now - start, topic)
    // The first turn learns the number of partitions, the second starts the pace, the last is not made.
    if (now - start >= seconds * 1_000 + 50) controller.abort()
  })
  const settings = {
    PIPELINE: 'shop',
    NAMESPACE: 'default',
    KAFKA_BOOTSTRAP_SERVERS: 'kafka:9092',
    HTTP_PORT: 0,
    LOG_LEVEL: 'info' as const,
    RATE: rate,
    USERS: users,
    POD_NAME: pod,
  }
  const running = runProducer({ settings, log: topic.log(), clock, logger, signal: controller.signal })
  await running.done
  return {
    topic,
    logger,
    running,
    measure: (name: string) => running.measures().find((m) => m.name === name)?.value,
  }
}

const events = (topic: OneTopic) =>
  topic.partitions.flatMap((messages, partition) =>
    messages.map(({ key, value, timestamp }) => {
      const event: unknown = JSON.parse(Buffer.from(value ?? []).toString())
      return {
        partition,
        key: Buffer.from(key ?? []).toString(),
        timestamp,
        event: event as Record<string, string>,
      }
    }),
  )

const all = (topic: OneTopic): number => topic.partitions.flat().length

test('ten seconds hold the rate within one per cent', async () => {
  for (const rate of [1, 10, 1_000, 5_000]) {
    const { topic, measure } = await produce({ rate, users: 1_000 })
    const wanted = 10 * rate
    assert.ok(Math.abs(all(topic) - wanted) <= wanted * 0.01, `${rate}/s gave ${all(topic)} events`)
    assert.equal(measure('events_sent_total'), all(topic))
    assert.equal(measure('events_skipped_total'), 0)
  }
})

test('a record has the user as key, goes where Java would put it, and carries its due time twice', async () => {
  const { topic } = await produce({})
  const written = events(topic)
  assert.equal(new Set(written.map(({ partition }) => partition)).size, 6)
  for (const { partition, key, timestamp, event } of written) {
    assert.equal(key, event['user_id'])
    assert.equal(partition, partitionOf(Buffer.from(key), 6))
    assert.equal(timestamp, Date.parse(event['timestamp'] ?? ''))
  }
})

test('events of a partition stay in order, also when appends take long', async () => {
  const topic = new OneTopic(2)
  topic.before = () => turns(7)
  await produce({ topic })
  for (const messages of topic.partitions) {
    const times = messages.map(({ timestamp }) => timestamp ?? 0)
    assert.ok(times.length > 100)
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    )
  }
})

test('a new partition is used within half a minute', async () => {
  const { topic } = await produce({
    topic: new OneTopic(2),
    seconds: 45,
    at: (elapsed, { partitions }) => {
      if (elapsed === 5_000) partitions.push([])
    },
  })
  const first = topic.partitions[2]?.[0]?.timestamp ?? 0
  assert.ok(first > start + 5_000 && first <= start + 31_000, String(first - start))
})

test('while the log takes nothing at most two seconds of events are kept, the rest is skipped and told', async () => {
  const topic = new OneTopic(1)
  const away = Promise.withResolvers<undefined>()
  topic.before = () => away.promise
  const { logger, measure } = await produce({
    topic,
    rate: 1_000,
    seconds: 60,
    at: (elapsed) => {
      if (elapsed === 50_000) away.resolve(undefined)
    },
  })
  const skipped = measure('events_skipped_total') ?? 0
  assert.ok(skipped > 45_000 && skipped < 48_500, `${skipped} skipped`)
  assert.equal(all(topic) + skipped, 60_000)
  assert.equal(new Set(events(topic).map(({ event }) => event['event_id'])).size, all(topic))
  const told = logger.lines.filter((line) => line.message === 'sent, but not all')
  assert.ok(told.length >= 4 && told.length <= 6, `${told.length} warnings`)
  assert.ok(told.every((line) => Number(line.fields['unsent']) <= 2_000))
})

test('progress is logged every ten seconds with the rate', async () => {
  const { logger } = await produce({ rate: 50, seconds: 30 })
  const sent = logger.lines.filter((line) => line.message === 'sent')
  assert.ok(sent.length === 3 || sent.length === 4, `${sent.length} lines`)
  assert.equal(sent[0]?.fields['partitions'], 6)
  assert.ok(Math.abs(Number(sent[1]?.fields['rate']) - 50) <= 0.5, JSON.stringify(sent[1]))
})

test('what is buffered at the end is still written', async () => {
  const topic = new OneTopic(3)
  topic.before = () => turns(50)
  const { running, measure } = await produce({ topic, seconds: 2 })
  assert.equal(measure('events_unsent'), 0)
  assert.equal(all(topic), 200)
  assert.equal(running.readiness().ok, true)
})

test('events that cannot be flushed in time are told, and the producer ends', async () => {
  const topic = new OneTopic(1)
  topic.before = () => new Promise(() => undefined)
  const { logger } = await produce({ topic, seconds: 2 })
  assert.equal(logger.messages().at(-1), 'stopped before these events were acknowledged')
})

test('an append that the log gives up is not repeated: it is counted and told', async () => {
  const topic = new OneTopic(1)
  let failures = 0
  topic.before = () => {
    failures += 1
    if (failures === 3) throw new LogFault('no answer', { reason: 'Unreachable', retry: true })
  }
  const { logger, measure } = await produce({ topic, rate: 1_000, seconds: 2 })
  const given = logger.lines.find((line) => line.level === 'error')
  assert.equal(given?.message, 'events given up: the log did not take them')
  assert.equal(measure('events_abandoned_total'), given?.fields['events'])
  assert.equal(all(topic) + Number(given?.fields['events']), 2_000)
})

test('without its topic the producer waits, says so once, and begins when it appears', async () => {
  const topic = new OneTopic(1)
  topic.fault = new LogFault('no topic shop-events', { reason: 'UnknownPartition', retry: true })
  const states: boolean[] = []
  const { logger } = await produce({
    topic,
    seconds: 10,
    at: (elapsed) => {
      if (elapsed === 5_000) topic.fault = undefined
      states.push(all(topic) > 0)
    },
  })
  assert.equal(logger.messages().filter((m) => m === 'cannot read the number of partitions yet').length, 1)
  assert.ok(all(topic) >= 380 && all(topic) <= 500, `${all(topic)} events`)
  assert.equal(states[0], false)
})

test('two pods, and two lives of a pod, share no event id', async () => {
  const ids = async (pod: string) =>
    events((await produce({ pod, seconds: 3 })).topic).map(({ event }) => event['event_id'])
  const both = [...(await ids('pod-0')), ...(await ids('pod-1'))]
  assert.equal(new Set(both).size, both.length)
})

test('an idle log for five minutes makes the producer unhealthy, and unready before', async () => {
  const topic = new OneTopic(1)
  topic.before = () => new Promise(() => undefined)
  const { running } = await produce({ topic, rate: 1, seconds: 100 })
  assert.equal(running.readiness().ok, false)
  assert.match(running.readiness().why, /^no event acknowledged for \d+ s, \d+ wait$/)
  assert.equal(running.health().ok, true)
  const later = await produce({ topic, rate: 1, seconds: 310 })
  assert.equal(later.running.health().ok, false)
})
