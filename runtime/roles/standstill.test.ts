import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryBroker } from '../testing/memory-broker.ts'
import { memoryLog } from '../testing/memory-log.ts'
import { Halt } from './hold.ts'
import { type Log, LogFault } from './log.ts'
import { standstill } from './standstill.ts'
import { fastClock } from './testing/clock.ts'

const topic = 'shop-events'

/** A topic with five records in each partition, and how often somebody began to read it. */
const world = (partitions: number) => {
  const broker = new MemoryBroker(fastClock(0))
  broker.createTopic(topic, partitions)
  const messages = Array.from({ length: 5 }, () => ({ key: null, value: null }))
  for (let partition = 0; partition < partitions; partition += 1)
    broker.append({ topic, partition, messages })
  const inner = memoryLog(broker)
  let looks = 0
  const log: Log = { ...inner, reader: (name) => ((looks += 1), inner.reader(name)) }
  const still = standstill(log, topic)
  /** A reading of all positions, which stand at the start; gives how many partitions were looked at. */
  const read = async (): Promise<number> => {
    const before = looks
    still.begin()
    for (let partition = 0; partition < partitions; partition += 1)
      await still.at(partition, { offset: 0, end: 5 })
    return looks - before
  }
  return { broker, read, looks: () => looks }
}

test('one reading looks at eight partitions at most; the others have their turn at the next', async () => {
  const { read } = world(10)
  assert.deepEqual([await read(), await read(), await read(), await read()], [0, 8, 2, 0])
})

test('what cannot be read is not looked at again: it stays', async () => {
  const { broker, read, looks } = world(1)
  const reason = { reason: 'Unsupported', retry: false } as const
  broker.fetchFault = () => new LogFault('it is compressed by lz4', reason)
  await read()
  await assert.rejects(read(), Halt)
  await assert.rejects(read(), { message: 'partition 0 of shop-events: it is compressed by lz4' })
  assert.equal(looks(), 1)
})
