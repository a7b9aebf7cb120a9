import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../../../dev/until.ts'
import { type Kafka, openKafka } from './broker.ts'
import { mark, text, valuesOf } from './reading.ts'

let kafka: Kafka
before(async () => {
  kafka = await openKafka()
})
after(() => kafka.close())

test('a value larger than the topic allows is refused, and the next one is written', async () => {
  const topic = await kafka.createTopic()
  const append = (value: Buffer) =>
    kafka.log.append({ topic, partition: 0, messages: [{ key: null, value }] })
  await append(Buffer.from('a'))
  await assert.rejects(append(Buffer.alloc(2_200_000)), {
    reason: 'TooLarge',
    retry: false,
    message: /max\.message\.bytes/,
  })
  assert.equal(await append(Buffer.from('b')), 1)
  assert.deepEqual(await valuesOf(kafka.log, topic), ['a', 'b'])
})

test('more than one fetch can carry is read completely, and every partition gets its turn', async () => {
  const topic = await kafka.createTopic(3)
  const value = Buffer.alloc(1_000, 'x')
  const messages = Array.from({ length: 6_000 }, () => ({ key: null, value }))
  await Promise.all([0, 1, 2].map((partition) => kafka.log.append({ topic, partition, messages })))
  const reader = kafka.log.reader(topic)
  const counts = [0, 0, 0]
  for (const partition of [0, 1, 2]) reader.seek(partition, 0)
  await until('18,000 records', async () => {
    for (const answer of await reader.poll()) {
      if ('fault' in answer) throw answer.fault
      answer.each((record) => {
        assert.equal(record.offset, counts[answer.partition])
        assert.ok(record.value && value.equals(record.value))
        counts[answer.partition] = record.offset + 1
      })
    }
    return counts.every((count) => count === 6_000)
  })
  await reader.close()
})

test('records asked for after the next poll are refused: their memory is in use again', async () => {
  const topic = await kafka.createTopic()
  await kafka.log.append({ topic, partition: 0, messages: [text('a')] })
  const reader = kafka.log.reader(topic)
  reader.seek(0, 0)
  const answer = await until('the record', async () => (await reader.poll())[0])
  assert.ok(!('fault' in answer))
  answer.each((record) => assert.equal(mark(record), 'a'))
  await reader.poll()
  assert.throws(() => answer.each(() => undefined), /after the next poll/)
  await reader.close()
})
