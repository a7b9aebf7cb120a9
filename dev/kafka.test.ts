import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startKafka } from './kafka.ts'
import { brokersKnown } from './kafka/metadata.ts'
import { brokerProperties } from './kafka/properties.ts'

test('a broker answers when it is started, is gone when stopped, and comes back on the same port', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'kafka-'))
  const broker = await startKafka({ directory })
  t.after(async () => {
    await broker.kill()
    rmSync(directory, { recursive: true })
  })
  const [host = '', port] = broker.bootstrapServers.split(':')
  assert.equal(await brokersKnown(host, Number(port)), 1)
  await broker.stop()
  await assert.rejects(brokersKnown(host, Number(port)), /ECONNREFUSED/)
  await broker.restart()
  assert.equal(await brokersKnown(host, Number(port)), 1)
})

test('of three voters each topic has three copies and needs two', () => {
  const voters = [1, 2, 3].map((nodeId) => ({ nodeId, port: 9090 + nodeId }))
  const text = brokerProperties({
    directory: '/d',
    host: 'h',
    port: 9092,
    controllerPort: 9091,
    nodeId: 1,
    voters,
  })
  assert.match(text, /^controller\.quorum\.voters=1@h:9091,2@h:9092,3@h:9093$/m)
  assert.match(text, /^default\.replication\.factor=3$/m)
  assert.match(text, /^min\.insync\.replicas=2$/m)
})

test('an extra property replaces the one of the same name', () => {
  const place = {
    directory: '/d',
    host: 'h',
    port: 1,
    controllerPort: 2,
    nodeId: 1,
    voters: [{ nodeId: 1, port: 2 }],
  }
  assert.match(brokerProperties(place, { 'num.partitions': '4' }), /^num\.partitions=4$/m)
})
