import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { until } from '../../../dev/until.ts'
import { connect } from '../../../runtime/kafka/log.ts'
import type { HiddenRecord, Reader } from '../../../runtime/roles/log.ts'
import { showHidden, stablePosition, type Written } from '../../../runtime/roles/stable-position.ts'
import { type Kafka, openKafka } from './broker.ts'
import { mark, text, valuesOf } from './reading.ts'

let kafka: Kafka
before(async () => {
  kafka = await openKafka()
})
after(() => kafka.close())

const never = new AbortController().signal

async function collect(reader: Reader, into: string[], faults: string[]): Promise<void> {
  for (const answer of await reader.poll()) {
    if ('fault' in answer) faults.push(answer.fault.reason)
    else answer.each((record) => into.push(mark(record)))
  }
}

test('reader, appender, lease and member go on after a crash of the broker', async () => {
  const { log, broker } = kafka
  const topic = await kafka.createTopic(2)
  const group = `${topic}-group`
  const append = (value: string) => log.append({ topic, partition: 0, messages: [text(value)] })
  const commit = async (offset: number) => {
    const lease = await log.lease(`${topic}.a`, never)
    const positions = [{ topic, partition: 0, offset, metadata: '' }]
    await lease.commit({ appends: [], group, positions })
  }
  const reader = log.reader(topic)
  const [values, faults]: [string[], string[]] = [[], []]
  const sets: number[][] = []
  reader.seek(0, 0)
  const member = await log.join({ group, topic, assigned: (partitions) => sets.push(partitions) })
  await until('all partitions', () => sets.at(-1)?.length === 2)
  await append('a')
  await commit(1)
  await until('a', async () => {
    await collect(reader, values, faults)
    return values.length === 1
  })

  await broker.kill()
  const pending = append('b')
  await until('faults, not silence', async () => {
    await collect(reader, values, faults)
    return faults.includes('Unreachable')
  })
  await broker.restart()

  await pending
  await append('c')
  await commit(2)
  assert.deepEqual(await log.position({ group, topic, partition: 0 }), { offset: 2, metadata: '' })
  await until('b and c', async () => {
    await collect(reader, values, faults)
    return values.length >= 3
  })
  assert.deepEqual(values, ['a', 'b', 'c'])
  const second = await connect({ bootstrapServers: kafka.bootstrapServers, clientId: 'second' })
  const other = await second.join({ group, topic, assigned: () => undefined })
  await until('a half for the first member', () => sets.at(-1)?.length === 1)
  await other.leave()
  await Promise.all([reader.close(), member.leave(), second.close()])
})

const endTxn = 26
/** A coordinator that comes back may not tell a position for longer than a read of ours waits. */
const patience = { deadline: 120_000 }

for (const when of ['asked to end', 'done with the end of'] as const)
  test(`when the broker is killed as it is ${when} a transaction, its record is there if and only if the position moved`, async () => {
    const { log, broker, proxy } = kafka
    const topic = await kafka.createTopic()
    const group = `${topic}-group`
    const wanted: string[] = []
    let before: number | undefined
    for (const offset of [1, 2]) {
      const lease = await log.lease(`${topic}.a`, never)
      if (when === 'done with the end of') proxy.loseAnswer(endTxn)
      const asked = proxy.passed(endTxn)
      const ended = lease
        .commit({
          appends: [{ topic, partition: 0, messages: [text(String(offset))] }],
          group,
          positions: [{ topic, partition: 0, offset, metadata: '' }],
        })
        .catch(() => undefined)
      await (when === 'asked to end' ? asked : ended)
      await broker.kill()
      await ended
      await broker.restart()
      const at = { topic, partition: 0 }
      const read = async () => {
        const heir = await log.lease(`${topic}.a`, never)
        const written: Written = [at]
        const moved = (await stablePosition(log, heir, { group, ...at, written }))?.offset
        const covers = ({ value }: HiddenRecord) => Number(Buffer.from(value ?? [])) <= (moved ?? 0)
        await showHidden(log, heir, { group, written, covers })
        return { moved }
      }
      const { moved } = await until('the position', read, patience)
      assert.ok(moved === offset || moved === before, `from ${before} to ${moved}`)
      if (moved === offset) wanted.push(String(offset))
      before = moved
      assert.deepEqual(await until('the records', () => valuesOf(log, topic), patience), wanted)
    }
  })

test('records written while the broker was away from its clients are not doubled', async () => {
  const topic = await kafka.createTopic()
  const wanted = Array.from({ length: 40 }, (_, index) => String(index))
  const appends = wanted.map((value) => kafka.log.append({ topic, partition: 0, messages: [text(value)] }))
  await kafka.broker.restart()
  await Promise.all(appends)
  assert.deepEqual(await valuesOf(kafka.log, topic), wanted)
})

test('no one there is a fault that may be tried again', async () => {
  await assert.rejects(connect({ bootstrapServers: '127.0.0.1:1', clientId: 'x' }), {
    reason: 'Unreachable',
    retry: true,
  })
})

test('after close nothing keeps the process alive', async () => {
  const topic = await kafka.createTopic()
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    `
      const { connect } = await import(${JSON.stringify(import.meta.resolve('../../../runtime/kafka/log.ts'))})
      const topic = ${JSON.stringify(topic)}
      const log = await connect({ bootstrapServers: ${JSON.stringify(kafka.bootstrapServers)}, clientId: 'child' })
      await log.append({ topic, partition: 0, messages: [{ key: null, value: Buffer.from('a') }] })
      const reader = log.reader(topic)
      reader.seek(0, 0)
      await reader.poll()
      void reader.poll()
      await new Promise((assigned) => log.join({ group: topic, topic, assigned }))
      await log.lease(topic, new AbortController().signal)
      await log.close()
      const closed = performance.now()
      process.on('exit', () => console.log(Math.round(performance.now() - closed)))
    `,
  ])
  assert.ok(Number(stdout) < 1_000, `it took ${stdout} ms`)
})
