import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { until } from '../../../dev/until.ts'
import {
  type Lease,
  type Log,
  LogFault,
  type LogFaultReason,
  type Message,
} from '../../../runtime/roles/log.ts'
import { bytes, mark, readAll, text, valuesOf } from './reading.ts'

/** A log to hold by the contract. */
export interface LogUnderTest {
  log: Log
  /** Makes a topic that accepts values of 1 MB, and gives its name. */
  createTopic(partitions: number): Promise<string>
  close(): Promise<void>
}

/** What every log keeps, the one in memory and the one on Kafka. */
export function logContract(name: string, open: () => Promise<LogUnderTest>): void {
  describe(name, () => {
    let under: LogUnderTest
    before(async () => {
      under = await open()
    })
    after(() => under.close())
    const given = async (partitions = 1) => ({ log: under.log, topic: await under.createTopic(partitions) })
    appends(given)
    readers(given)
    transactions(given)
    leases(given)
    groups(given)
  })
}

type Given = (partitions?: number) => Promise<{ log: Log; topic: string }>

const never = new AbortController().signal
const refusal = (reason: LogFaultReason, retry: boolean) => (error: unknown) => {
  assert.ok(error instanceof LogFault)
  assert.deepEqual([error.reason, error.retry], [reason, retry], error.message)
  return true
}

function appends(given: Given): void {
  test('what is appended is read back: offset, time, key and value', async () => {
    const { log, topic } = await given()
    const messages: Message[] = [
      { key: bytes('k'), value: bytes('v'), headers: { reason: 'Late' }, timestamp: 1_700_000_000_123 },
      { key: null, value: null, timestamp: 1_700_000_000_001 },
      { key: bytes(''), value: bytes('größer'), timestamp: 1_700_000_000_002 },
    ]
    assert.equal(await log.append({ topic, partition: 0, messages }), 0)
    assert.deepEqual(await readAll(log, topic), [
      { partition: 0, offset: 0, timestamp: 1_700_000_000_123, key: 'k', value: 'v' },
      { partition: 0, offset: 1, timestamp: 1_700_000_000_001, key: null, value: null },
      { partition: 0, offset: 2, timestamp: 1_700_000_000_002, key: '', value: 'größer' },
    ])
  })

  test('a record without a time gets the time of writing', async () => {
    const { log, topic } = await given()
    const earliest = Date.now()
    await log.append({ topic, partition: 0, messages: [text('a')] })
    const [record] = await readAll(log, topic)
    assert.ok(record && record.timestamp >= earliest && record.timestamp <= Date.now())
  })

  test('appends to a partition keep their order and tell their first offset, also when none waits for another', async () => {
    const { log, topic } = await given()
    const append = (value: string) =>
      log.append({ topic, partition: 0, messages: [text(value), text(value)] })
    assert.deepEqual(await Promise.all(['a', 'b', 'c'].map(append)), [0, 2, 4])
    assert.deepEqual(await valuesOf(log, topic), ['a', 'a', 'b', 'b', 'c', 'c'])
  })

  test('a value of 1 MB passes, and so do many of them at once', async () => {
    const { log, topic } = await given()
    const value = Buffer.alloc(1_000_000, 'x')
    const messages = [value, value, value].map((each) => ({
      key: null,
      value: each,
      headers: { h: 'x'.repeat(40_000) },
    }))
    await log.append({ topic, partition: 0, messages })
    const read = await readAll(log, topic)
    assert.deepEqual(
      read.map((record) => record.value?.length),
      [1_000_000, 1_000_000, 1_000_000],
    )
  })

  test('an append to a partition that is not there says so', async () => {
    const { log, topic } = await given()
    const messages = [text('a')]
    await assert.rejects(log.append({ topic, partition: 5, messages }), refusal('UnknownPartition', true))
    await assert.rejects(
      log.append({ topic: `${topic}-not`, partition: 0, messages }),
      refusal('UnknownPartition', true),
    )
  })

  test('partitions and bounds are those of the topic', async () => {
    const { log, topic } = await given(3)
    await log.append({ topic, partition: 1, messages: [text('a'), text('b')] })
    assert.equal(await log.partitions(topic), 3)
    assert.deepEqual(await log.bounds(topic, 1), { start: 0, end: 2 })
    assert.deepEqual(await log.bounds(topic, 2), { start: 0, end: 0 })
    await assert.rejects(log.partitions(`${topic}-not`), refusal('UnknownPartition', true))
    await assert.rejects(log.bounds(topic, 3), refusal('UnknownPartition', true))
  })
}

function readers(given: Given): void {
  test('reading goes on from the offset that was sought, and again from another', async () => {
    const { log, topic } = await given()
    await log.append({ topic, partition: 0, messages: ['a', 'b', 'c'].map(text) })
    assert.deepEqual(await valuesOf(log, topic, { 0: 1 }), ['b', 'c'])
    const reader = log.reader(topic)
    const values: string[] = []
    const poll = async () => {
      for (const answer of await reader.poll())
        if (!('fault' in answer)) answer.each((record) => values.push(mark(record)))
    }
    reader.seek(0, 2)
    await until('the last record', async () => {
      await poll()
      return values.length === 1
    })
    reader.seek(0, 0)
    await until('all records', async () => {
      await poll()
      return values.length === 4
    })
    assert.deepEqual(values, ['c', 'a', 'b', 'c'])
    await reader.close()
  })

  test('a partition without news is in the answer, and tells that nothing more is there', async () => {
    const { log, topic } = await given()
    const reader = log.reader(topic)
    reader.seek(0, 0)
    const answer = await until('an answer', async () => (await reader.poll())[0])
    assert.ok(!('fault' in answer))
    assert.deepEqual([answer.partition, answer.next, answer.end], [0, 0, 0])
    answer.each(() => assert.fail('nothing is there'))
    await reader.close()
  })

  test('a dropped partition is not read any more', async () => {
    const { log, topic } = await given(2)
    const reader = log.reader(topic)
    reader.seek(0, 0)
    reader.seek(1, 0)
    await until('an answer', async () => (await reader.poll()).length > 0)
    reader.drop(0)
    await log.append({ topic, partition: 0, messages: [text('a')] })
    await log.append({ topic, partition: 1, messages: [text('b')] })
    const seen = new Set<number>()
    await until('partition 1', async () => {
      for (const { partition } of await reader.poll()) seen.add(partition)
      return seen.has(1)
    })
    for (const { partition } of await reader.poll()) seen.add(partition)
    assert.deepEqual([...seen], [1])
    await reader.close()
  })

  for (const [what, offset, partition, reason, retry] of [
    ['an offset beyond the end', 9, 0, 'OffsetOutOfRange', false],
    ['a partition that is not there', 0, 7, 'UnknownPartition', true],
  ] as const) {
    test(`${what} is a fault of its own, and the other partitions are read`, async () => {
      const { log, topic } = await given(2)
      await log.append({ topic, partition: 1, messages: [text('a')] })
      const reader = log.reader(topic)
      reader.seek(partition, offset)
      reader.seek(1, 0)
      const faults: LogFault[] = []
      const values: string[] = []
      await until('a fault and a record', async () => {
        for (const answer of await reader.poll()) {
          if ('fault' in answer) faults.push(answer.fault)
          else answer.each((record) => values.push(mark(record)))
        }
        return faults.length > 0 && values.length > 0
      })
      refusal(reason, retry)(faults[0])
      assert.deepEqual(values, ['a'])
      await reader.close()
    })
  }
}

function transactions(given: Given): void {
  test('a transaction makes its records visible and moves the positions', async () => {
    const { log, topic } = await given(3)
    const lease = await log.lease(`${topic}.a`, never)
    await lease.commit({
      appends: [
        { topic, partition: 0, messages: [text('a'), text('b')] },
        { topic, partition: 1, messages: [text('c')] },
        { topic, partition: 0, messages: [text('d')] },
      ],
      group: `${topic}-group`,
      positions: [
        { topic, partition: 1, offset: 5, metadata: '{"v":1}' },
        { topic, partition: 2, offset: 6, metadata: '' },
      ],
    })
    await log.lease(`${topic}.a`, never)
    const position = (partition: number) => log.position({ group: `${topic}-group`, topic, partition })
    assert.deepEqual(await Promise.all([0, 1, 2].map(position)), [
      undefined,
      { offset: 5, metadata: '{"v":1}' },
      { offset: 6, metadata: '' },
    ])
    const records = await readAll(log, topic)
    assert.deepEqual(records.map((record) => `${record.partition}${record.value}`).sort(), [
      '0a',
      '0b',
      '0d',
      '1c',
    ])
  })

  test('a position alone can move, and its metadata can be 4,096 characters', async () => {
    const { log, topic } = await given()
    const lease = await log.lease(`${topic}.a`, never)
    const at = { group: `${topic}-group`, topic, partition: 0 }
    const metadata = 'ü'.repeat(4_096)
    await lease.commit({
      appends: [],
      group: at.group,
      positions: [{ topic, partition: 0, offset: 3, metadata }],
    })
    await log.lease(`${topic}.a`, never)
    assert.deepEqual(await log.position(at), { offset: 3, metadata })
  })

  test('a transaction of several megabytes passes as a whole', async () => {
    const { log, topic } = await given()
    const lease = await log.lease(`${topic}.a`, never)
    const messages = Array.from({ length: 30 }, () => ({ key: null, value: Buffer.alloc(100_000) }))
    await lease.commit({
      appends: [{ topic, partition: 0, messages }],
      group: `${topic}-group`,
      positions: [],
    })
    assert.equal((await readAll(log, topic)).length, 30)
  })

  test('after a new lease the position is never stale', async () => {
    const { log, topic } = await given()
    const at = { group: `${topic}-group`, topic, partition: 0 }
    for (let offset = 1; offset <= 60; offset++) {
      const lease = await log.lease(`${topic}.a`, never)
      if (offset > 1) assert.equal((await log.position(at))?.offset, offset - 1)
      await commit(lease, { topic, value: String(offset), offset })
    }
    assert.equal((await readAll(log, topic)).length, 60)
  })
}

const commit = (lease: Lease, { topic, value, offset }: { topic: string; value: string; offset: number }) =>
  lease.commit({
    appends: [{ topic, partition: 0, messages: [text(value)] }],
    group: `${topic}-group`,
    positions: [{ topic, partition: 0, offset, metadata: '' }],
  })

function leases(given: Given): void {
  test('a new lease fences the one before, which writes nothing more', async () => {
    const { log, topic } = await given()
    const old = await log.lease(`${topic}.a`, never)
    await commit(old, { topic, value: 'a', offset: 1 })
    const young = await log.lease(`${topic}.a`, never)
    await assert.rejects(commit(old, { topic, value: 'b', offset: 2 }), refusal('Fenced', false))
    await commit(young, { topic, value: 'c', offset: 2 })
    assert.deepEqual(await valuesOf(log, topic), ['a', 'c'])
    const again = await log.lease(`${topic}.a`, never)
    await assert.rejects(
      young.commit({
        appends: [],
        group: `${topic}-group`,
        positions: [{ topic, partition: 0, offset: 9, metadata: '' }],
      }),
      refusal('Fenced', false),
    )
    await commit(again, { topic, value: 'd', offset: 3 })
  })

  test('leases under different ids do not touch each other', async () => {
    const { log, topic } = await given()
    const [a, b] = [await log.lease(`${topic}.a`, never), await log.lease(`${topic}.b`, never)]
    await Promise.all([
      commit(a, { topic, value: 'a', offset: 1 }),
      commit(b, { topic, value: 'b', offset: 2 }),
    ])
    assert.deepEqual((await valuesOf(log, topic)).sort(), ['a', 'b'])
  })

  test('after a failed commit the lease is of no use', async () => {
    const { log, topic } = await given()
    const lease = await log.lease(`${topic}.a`, never)
    const missing = { topic: `${topic}-not`, partition: 0, messages: [text('a')] }
    await assert.rejects(
      lease.commit({ appends: [missing], group: `${topic}-group`, positions: [] }),
      LogFault,
    )
    await assert.rejects(commit(lease, { topic, value: 'a', offset: 1 }), LogFault)
    await log.lease(`${topic}.a`, never)
    assert.deepEqual(await valuesOf(log, topic), [])
    assert.equal(await log.position({ group: `${topic}-group`, topic, partition: 0 }), undefined)
  })

  test('waiting for a lease ends when it is aborted', async () => {
    const { log, topic } = await given()
    await assert.rejects(log.lease(`${topic}.a`, AbortSignal.abort(new Error('enough'))), /enough/)
  })
}

function groups(given: Given): void {
  test('a group spreads the partitions over those who come, and back when they leave', async () => {
    const { log, topic } = await given(4)
    const sets: Record<string, number[][]> = { a: [], b: [] }
    const now = () => [sets['a']?.at(-1), sets['b']?.at(-1)]
    const join = (who: string) =>
      log.join({
        group: `${topic}-group`,
        topic,
        assigned: (partitions) => sets[who]?.push([...partitions].sort()),
      })
    const shows = (what: string, wanted: unknown) =>
      until(what, () => JSON.stringify(now()) === JSON.stringify(wanted))
    const a = await join('a')
    await shows('all with one member', [[0, 1, 2, 3], undefined])
    const b = await join('b')
    await until('both have two', () => now().every((set) => set?.length === 2))
    assert.deepEqual(now().flat().sort(), [0, 1, 2, 3])
    await b.leave()
    await until('all with one member again', () => sets['a']?.at(-1)?.length === 4)
    await a.leave()
  })

  test('a member that the partitions do not suffice for is told that it has none', async () => {
    const { log, topic } = await given(1)
    const sets: number[][] = []
    const join = () =>
      log.join({ group: `${topic}-group`, topic, assigned: (partitions) => sets.push(partitions) })
    const [a, b] = [await join(), await join()]
    await until('a member with none', () => sets.some(({ length }) => length === 0))
    await Promise.all([a.leave(), b.leave()])
  })
}
