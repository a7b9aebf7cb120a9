import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { lastIsCommitted } from '../../../runtime/kafka/hanging.ts'
import { Transport } from '../../../runtime/kafka/transport.ts'
import { until } from '../../../dev/until.ts'
import { type Kafka, openKafka } from './broker.ts'
import { openTransaction } from './open-transaction.ts'
import { text, valuesOf } from './reading.ts'

/** What only a writer that dies in the middle, or an answer that gets lost, brings about. */

let kafka: Kafka
let raw: Transport
before(async () => {
  kafka = await openKafka()
  raw = new Transport(kafka.bootstrapServers, 'raw')
})
after(async () => {
  raw.close()
  await kafka.close()
})

const never = new AbortController().signal

const opened = (transactionalId: string, topic: string) => openTransaction(raw, { transactionalId, topic })

test('the records of an open transaction, and those after them, are not shown', async () => {
  const topic = await kafka.createTopic()
  const write = await opened(`${topic}.a`, topic)
  await kafka.log.append({ topic, partition: 0, messages: [text('a')] })
  await write('b')
  await kafka.log.append({ topic, partition: 0, messages: [text('c')] })
  assert.deepEqual(await kafka.log.bounds(topic, 0), { start: 0, end: 1 })
  assert.deepEqual(await valuesOf(kafka.log, topic), ['a'])
  const reader = kafka.log.reader(topic)
  reader.seek(0, 1)
  const answer = await until('an answer', async () => (await reader.poll())[0])
  assert.ok(!('fault' in answer))
  assert.deepEqual([answer.next, answer.end, answer.high], [1, 1, 3])
  await reader.close()
})

test('a lease ends the open transaction of its former holder, and nothing of it is ever read', async () => {
  const topic = await kafka.createTopic()
  const write = await opened(`${topic}.a`, topic)
  await write('lost')
  await kafka.log.append({ topic, partition: 0, messages: [text('after')] })
  const lease = await kafka.log.lease(`${topic}.a`, never)
  await assert.rejects(write('too late'), { reason: 'Fenced', retry: false })
  await lease.commit({
    appends: [{ topic, partition: 0, messages: [text('mine')] }],
    group: `${topic}-group`,
    positions: [],
  })
  await kafka.log.lease(`${topic}.a`, never)
  assert.deepEqual(await valuesOf(kafka.log, topic), ['after', 'mine'])
})

test('of two interleaved transactions that are rolled back nothing is read', async () => {
  const topic = await kafka.createTopic()
  const [a, b] = [await opened(`${topic}.a`, topic), await opened(`${topic}.b`, topic)]
  for (const value of ['1', '2', '3']) {
    await a(`a${value}`)
    await b(`b${value}`)
    await kafka.log.append({ topic, partition: 0, messages: [text(value)] })
  }
  await kafka.log.lease(`${topic}.b`, never)
  await kafka.log.append({ topic, partition: 0, messages: [text('4')] })
  await kafka.log.lease(`${topic}.a`, never)
  await kafka.log.append({ topic, partition: 0, messages: [text('5')] })
  assert.deepEqual(await valuesOf(kafka.log, topic), ['1', '2', '3', '4', '5'])
})

test('the last record of a partition tells how its transaction ended', async () => {
  const topic = await kafka.createTopic()
  const last = () => lastIsCommitted(raw, { topic, partition: 0 })
  assert.equal(await last(), false, 'there is none')
  const lease = await kafka.log.lease(`${topic}.a`, never)
  const appends = [{ topic, partition: 0, messages: [text('a')] }]
  await lease.commit({ appends, group: `${topic}-group`, positions: [] })
  await kafka.log.lease(`${topic}.a`, never)
  assert.equal(await last(), true, 'committed')
  const write = await opened(`${topic}.a`, topic)
  await write('b')
  assert.equal(await last(), false, 'open')
  await kafka.log.lease(`${topic}.a`, never)
  assert.equal(await last(), false, 'rolled back')
})

const requests = { AddPartitionsToTxn: 24, Produce: 0, AddOffsetsToTxn: 25, TxnOffsetCommit: 28, EndTxn: 26 }
for (const [name, api] of Object.entries(requests)) {
  test(`when the answer to ${name} is lost, records and position still go together`, async () => {
    const topic = await kafka.createTopic()
    const at = { group: `${topic}-group`, topic, partition: 0 }
    const commit = async (value: string, offset: number) => {
      const lease = await kafka.log.lease(`${topic}.a`, never)
      const before = (await kafka.log.position(at))?.offset ?? 0
      if (before < offset)
        await lease.commit({
          appends: [{ topic, partition: 0, messages: [text(value)] }],
          group: at.group,
          positions: [{ topic, partition: 0, offset, metadata: '' }],
        })
    }
    await commit('a', 1)
    const { lost } = kafka.proxy
    kafka.proxy.loseAnswer(api)
    await commit('b', 2).catch(() => undefined)
    assert.equal(kafka.proxy.lost, lost + 1)
    // Whichever way it went: the next holder reads where it is, and does what is missing.
    await commit('b', 2)
    await commit('c', 3)
    await kafka.log.lease(`${topic}.a`, never)
    assert.equal((await kafka.log.position(at))?.offset, 3)
    assert.deepEqual(await valuesOf(kafka.log, topic), ['a', 'b', 'c'])
  })
}

test('an append whose answer is lost is written once', async () => {
  const topic = await kafka.createTopic()
  const append = (value: string) => kafka.log.append({ topic, partition: 0, messages: [text(value)] })
  assert.equal(await append('a'), 0)
  const { lost } = kafka.proxy
  kafka.proxy.loseAnswer(requests.Produce)
  assert.equal(await append('b'), 1)
  assert.equal(kafka.proxy.lost, lost + 1)
  assert.equal(await append('c'), 2)
  assert.deepEqual(await valuesOf(kafka.log, topic), ['a', 'b', 'c'])
})
