import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Broker, startKafkaCluster } from '../../../dev/kafka.ts'
import { until } from '../../../dev/until.ts'
import { openAdmin } from '../../../runtime/kafka/admin.ts'
import { fetch } from '../../../runtime/kafka/fetch.ts'
import { connect } from '../../../runtime/kafka/log.ts'
import { Transport } from '../../../runtime/kafka/transport.ts'
import type { Log } from '../../../runtime/roles/log.ts'
import { mark, text, valuesOf } from './reading.ts'

const directory = mkdtempSync(join(tmpdir(), 'cluster-'))
let brokers: Broker[] = []
let log: Log
before(async () => {
  brokers = await startKafkaCluster({ directory, brokers: 3 })
  const options = { bootstrapServers: bootstrapServers(), clientId: 'test' }
  log = await connect(options)
  const admin = openAdmin(options)
  await admin.create({ name: 't', partitions: 3, replicas: 3, config: {} })
  await until('topic t', async () => (await log.partitions('t')) === 3)
  for (const partition of [0, 1, 2]) await log.bounds('t', partition)
  await admin.close()
})
after(async () => {
  await log.close()
  await Promise.all(brokers.map((broker) => broker.kill()))
  rmSync(directory, { recursive: true })
})
const bootstrapServers = () => brokers.map((broker) => broker.bootstrapServers).join()

const never = new AbortController().signal

test('a follower that is asked for records says that it is none to ask, and not that there is nothing new', async () => {
  const raw = new Transport(bootstrapServers(), 'raw')
  await log.append({ topic: 't', partition: 0, messages: [text('asked')] })
  const leader = await raw.leader({ topic: 't', partition: 0 })
  const answers = await Promise.all(
    brokers.map(async ({ bootstrapServers: address }) => {
      const [answer] = await raw.send(address, fetch('t', [{ partition: 0, offset: 0 }]))
      return `${address === leader ? 'leader' : 'follower'} ${answer?.code}`
    }),
  )
  raw.close()
  // 6 is NOT_LEADER_OR_FOLLOWER.
  assert.deepEqual(answers.toSorted(), ['follower 6', 'follower 6', 'leader 0'])
})

test('when a broker of three crashes, what was acknowledged is read once, and positions go on', async () => {
  const wanted = ['asked']
  const values: string[] = []
  const reader = log.reader('t')
  for (const partition of [0, 1, 2]) reader.seek(partition, 0)
  const readAll = () =>
    until(`${wanted.length} records`, async () => {
      for (const answer of await reader.poll()) {
        if (!('fault' in answer)) answer.each((record) => values.push(mark(record)))
      }
      return values.length >= wanted.length
    })
  const append = async (value: string) => {
    for (const partition of [0, 1, 2]) {
      await log.append({ topic: 't', partition, messages: [text(`${value}${partition}`)] })
      wanted.push(`${value}${partition}`)
    }
  }
  const commit = async (offset: number) => {
    const lease = await log.lease('t.a', never)
    const before = await log.position({ group: 'g', topic: 't', partition: 0 })
    if (before?.offset === offset) return true
    await lease.commit({
      appends: [0, 1, 2].map((partition) => ({
        topic: 't',
        partition,
        messages: [text(`tx${offset}${partition}`)],
      })),
      group: 'g',
      positions: [{ topic: 't', partition: 0, offset, metadata: '' }],
    })
    return false
  }
  await append('before')
  await brokers[0]?.kill()
  await append('without')
  await until('the commit', () => commit(1))
  for (const partition of [0, 1, 2]) wanted.push(`tx1${partition}`)
  await readAll()
  await brokers[0]?.restart()
  await append('after')
  await readAll()
  assert.deepEqual(values.toSorted(), wanted.toSorted())
  assert.deepEqual((await valuesOf(log, 't')).toSorted(), wanted.toSorted())
  await reader.close()
})
