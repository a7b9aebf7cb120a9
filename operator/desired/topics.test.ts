import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pipeline, wanted } from '../testing/pipelines.ts'

test('a dead letter may be a mebibyte larger than its event, and no larger than Kafka can say', () => {
  const most = (config: Record<string, string>) => {
    const { dlq } = wanted(pipeline({ topics: { events: { config } } })).topics
    return dlq.spec.config?.['max.message.bytes']
  }
  assert.equal(most({}), '2097164')
  assert.equal(most({ 'max.message.bytes': '2147483647' }), '2147483647')
})
