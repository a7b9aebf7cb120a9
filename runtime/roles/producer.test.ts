import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partitionOf } from '../traffic/murmur2.ts'
import { LogFault } from './log.ts'
import { runProducer } from './producer.ts'
import { fastClock, turns } from './testing/clock.ts'
import { oneTopic, type OneTopic } from './testing/log.ts'
import { remembering } from './testing/logger.ts'
import { numberIn } from './testing/pods.ts'

const start = Date.parse('2026-01-31T12:00:00Z')

interface Given {
  rate?: number
  users?: number
  seconds?: number
  partitions?: number
  pod?: string
  /** Sets up the topic before the producer begins. */
  given?: (topic: OneTopic) => void
  /** Sees each moment of the producer's time. */
  at?: (elapsed: number, topic: OneTopic) => void
}

/** A producer that is stopped after `seconds` of its own time, with the topic it wrote. */
const produce = async ({
  rate = 100,
  users = 50,
  seconds = 10,
  partitions = 6,
  pod = 'pod-0',
  given,
  at,
}: Given) => {
  const controller = new AbortController()
  const logger = remembering()
  const clock = fastClock(start, (now) => {
    at?.(now - start, topic)
    // The first turn learns the number of partitions, the second starts the pace, the last is not made.
    if (now - start >= seconds * 1_000 + 50) controller.abort()
  })
  const topic = oneTopic('shop-events', { partitions, clock })
  given?.(topic)
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
  const running = runProducer({ settings, log: topic.log, clock, logger, signal: controller.signal })
  await running.done
  const measure = (name: string) => numberIn(running.measures(), name)
  return { topic, logger, running, measure }
}

const events = (topic: OneTopic) =>
  topic.records().flatMap((messages, partition) =>
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

/** A log that never answers. */
const silent = (topic: OneTopic): void => {
  topic.before = () => new Promise(() => undefined)
}

const all = (topic: OneTopic): number => topic.records().flat().length

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
  const { topic } = await produce({
    partitions: 2,
    given: (own) => {
      own.before = () => turns(7)
    },
  })
  for (const messages of topic.records()) {
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
    partitions: 2,
    seconds: 45,
    at: (elapsed, own) => {
      if (elapsed === 5_000) own.grow(3)
    },
  })
  const first = topic.records()[2]?.[0]?.timestamp ?? 0
  assert.ok(first > start + 5_000 && first <= start + 31_000, String(first - start))
})

test('while the log takes nothing at most one second of events is kept, the rest is skipped and told', async () => {
  const away = Promise.withResolvers<undefined>()
  const { topic, logger, measure } = await produce({
    given: (own) => {
      own.before = () => away.promise
    },
    rate: 1_000,
    seconds: 60,
    at: (elapsed) => {
      if (elapsed === 50_000) away.resolve(undefined)
    },
  })
  const skipped = measure('events_skipped_total') ?? 0
  assert.ok(skipped > 46_000 && skipped < 49_500, `${skipped} skipped`)
  assert.equal(all(topic) + skipped, 60_000)
  assert.equal(new Set(events(topic).map(({ event }) => event['event_id'])).size, all(topic))
  const told = logger.lines.filter((line) => line.message === 'sent, but not all')
  assert.ok(told.length >= 4 && told.length <= 6, `${told.length} warnings`)
  assert.ok(told.every((line) => Number(line.fields['unsent']) <= 1_000))
})

test('progress is logged every ten seconds with the rate', async () => {
  const { logger } = await produce({ rate: 50, seconds: 30 })
  const sent = logger.lines.filter((line) => line.message === 'sent')
  assert.ok(sent.length === 3 || sent.length === 4, `${sent.length} lines`)
  assert.equal(sent[0]?.fields['partitions'], 6)
  assert.ok(Math.abs(Number(sent[1]?.fields['rate']) - 50) <= 0.5, JSON.stringify(sent[1]))
})

test('what is buffered at the end is still written', async () => {
  const { topic, running, measure } = await produce({
    seconds: 2,
    given: (own) => {
      own.before = () => turns(50)
    },
  })
  assert.equal(measure('events_unsent'), 0)
  assert.equal(all(topic), 200)
  assert.equal(running.readiness().ok, true)
})

test('events that cannot be flushed in time are told, and the producer ends', async () => {
  const { logger } = await produce({ seconds: 2, given: silent })
  assert.equal(logger.messages().at(-1), 'stopped before these events were acknowledged')
})

test('an append that the log gives up is not repeated: it is counted and told', async () => {
  let appends = 0
  const { topic, logger, measure } = await produce({
    rate: 1_000,
    seconds: 2,
    given: (own) => {
      own.before = () => {
        appends += 1
        if (appends === 3) throw new LogFault('no answer', { reason: 'Unreachable', retry: true })
      }
    },
  })
  const given = logger.lines.find((line) => line.level === 'error')
  assert.equal(given?.message, 'events given up: the log did not take them')
  assert.equal(measure('events_abandoned_total'), given?.fields['events'])
  assert.equal(all(topic) + Number(given?.fields['events']), 2_000)
})

test('without its topic the producer waits, says so once, and begins when it appears', async () => {
  const states: boolean[] = []
  const { topic, logger } = await produce({
    given: (own) => {
      own.fault = new LogFault('no topic shop-events', { reason: 'UnknownPartition', retry: true })
    },
    at: (elapsed, own) => {
      if (elapsed === 5_000) own.fault = undefined
      states.push(all(own) > 0)
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
  const falls = (elapsed: number, topic: OneTopic) => elapsed > 10_000 && silent(topic)
  const { running } = await produce({ at: falls, rate: 1, seconds: 100 })
  assert.equal(running.readiness().ok, false)
  assert.match(running.readiness().why, /^no event acknowledged for \d+ s, \d+ wait$/)
  assert.equal(running.health().ok, true)
  const later = await produce({ given: silent, rate: 1, seconds: 310 })
  assert.equal(later.running.health().ok, false)
})

test('a producer whose events nobody takes is never ready, so that a rollout waits for it', async () => {
  const { running } = await produce({ given: silent, rate: 10, seconds: 5 })
  assert.deepEqual(running.readiness(), { ok: false, why: 'no event was acknowledged yet' })
})
