import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../../../dev/until.ts'
import { readBacklog } from '../../../runtime/roles/backlog.ts'
import { systemClock } from '../../../runtime/roles/clock.ts'
import type { Clock } from '../../../runtime/roles/role.ts'
import { remembering } from '../../../runtime/roles/testing/logger.ts'
import { type Kafka, openKafka } from './broker.ts'
import { text } from './reading.ts'

let kafka: Kafka
const end = new AbortController()
before(async () => {
  kafka = await openKafka()
})
after(() => {
  end.abort()
  return kafka.close()
})

/** A clock whose ten seconds are a tenth of one. */
const clock: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 100, signal) }

test('events that the broker compresses by snappy are told, with where they are and what to do', async () => {
  const make = async (name: string, config: Record<string, string>) => {
    await kafka.admin.create({ name, partitions: 1, replicas: 1, config })
    await until(name, async () => (await kafka.log.partitions(name)) === 1)
    await until(`the leader of ${name}`, () => kafka.log.bounds(name, 0).catch(() => undefined))
  }
  await make('shop-events', { 'compression.type': 'snappy' })
  await make('shop-panes', {})
  await make('shop-metrics', {})
  await kafka.log.append({ topic: 'shop-events', partition: 0, messages: [text('a')] })
  const current = readBacklog({ log: kafka.log, clock, logger: remembering(), signal: end.signal }, 'shop')
  assert.equal(
    await until('the sentence', () => current().halted ?? undefined),
    'partition 0 of shop-events: the batch at offset 0 cannot be read: it is compressed by snappy: ' +
      'set the writer to gzip, zstd or none',
  )
})
