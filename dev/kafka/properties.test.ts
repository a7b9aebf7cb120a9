import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerProperties } from './properties.ts'

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
