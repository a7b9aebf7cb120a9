import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { reasons, topicStatus } from './status.ts'
import { kafkaTopic } from './testing/topic.ts'

const NOON = '2026-01-31T12:00:00.000Z'
const ONE = '2026-01-31T13:00:00.000Z'
const ready = { type: 'Ready', status: 'True', lastTransitionTime: NOON } as const
const settled = { observedGeneration: 1, topicName: 'a', topicId: 'id-1', conditions: [ready] }

test('a topic that is Ready says its name and its id', () => {
  assert.deepEqual(
    topicStatus(kafkaTopic('a'), { kind: 'Ready', topicName: 'a', topicId: 'id-1' }, NOON),
    settled,
  )
})

test('the id is left out where the brokers give none', () => {
  assert.deepEqual(
    topicStatus(kafkaTopic('a'), { kind: 'Ready', topicName: 'a', topicId: undefined }, NOON),
    {
      observedGeneration: 1,
      topicName: 'a',
      conditions: [ready],
    },
  )
})

test('a status that says the same already is not written', () => {
  const topic = kafkaTopic('a', { status: settled })
  assert.equal(topicStatus(topic, { kind: 'Ready', topicName: 'a', topicId: 'id-1' }, ONE), undefined)
})

test('a new generation is written without moving the transition time', () => {
  const topic = kafkaTopic('a', { metadata: { generation: 2 }, status: settled })
  assert.deepEqual(topicStatus(topic, { kind: 'Ready', topicName: 'a', topicId: 'id-1' }, ONE), {
    ...settled,
    observedGeneration: 2,
  })
})

test('a new id is written', () => {
  const topic = kafkaTopic('a', { status: settled })
  assert.equal(topicStatus(topic, { kind: 'Ready', topicName: 'a', topicId: 'id-2' }, ONE)?.topicId, 'id-2')
})

test('a refusal flips Ready at its time, and another message does not', () => {
  const refusal = { kind: 'Refused', reason: 'KafkaError', topicName: 'a' } as const
  const first = topicStatus(kafkaTopic('a', { status: settled }), { ...refusal, message: 'one' }, ONE)
  assert.deepEqual(first, {
    observedGeneration: 1,
    topicName: 'a',
    conditions: [
      { type: 'Ready', status: 'False', reason: 'KafkaError', message: 'one', lastTransitionTime: ONE },
    ],
  })
  const topic = kafkaTopic('a', { status: first })
  const second = topicStatus(topic, { ...refusal, message: 'two' }, '2026-01-31T14:00:00.000Z')
  assert.deepEqual(second?.conditions, [
    { type: 'Ready', status: 'False', reason: 'KafkaError', message: 'two', lastTransitionTime: ONE },
  ])
})

test('a released topic is Unmanaged, with no name and no id', () => {
  assert.deepEqual(topicStatus(kafkaTopic('a', { status: settled }), { kind: 'Unmanaged' }, ONE), {
    observedGeneration: 1,
    conditions: [{ type: 'Unmanaged', status: 'True', lastTransitionTime: ONE }],
  })
})

test('a paused topic keeps the generation that was reconciled last', () => {
  const topic = kafkaTopic('a', { metadata: { generation: 5 }, status: settled })
  assert.deepEqual(topicStatus(topic, { kind: 'ReconciliationPaused', topicName: 'a' }, ONE), {
    observedGeneration: 1,
    topicName: 'a',
    conditions: [{ type: 'ReconciliationPaused', status: 'True', lastTransitionTime: ONE }],
  })
})

test('a topic that was paused from the start has observed no generation', () => {
  const status = topicStatus(kafkaTopic('a'), { kind: 'ReconciliationPaused' }, ONE)
  assert.equal(status?.observedGeneration, 0)
})

test('the page on KafkaTopics has every reason with its sentence, and no other', () => {
  const page = readFileSync(new URL('../../docs/kafkatopics.md', import.meta.url), 'utf8')
  const [, table = ''] = page.split('## When Ready is False')
  const rows = [...table.matchAll(/^\| ([A-Z]\w+) \| (.+) \|$/gm)].map(([, reason, text]) => [reason, text])
  assert.deepEqual(Object.fromEntries(rows), reasons)
})
