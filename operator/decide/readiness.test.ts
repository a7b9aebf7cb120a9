import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TopicRole } from '../desired/topics.ts'
import { pipeline, saidOf, settled } from '../testing/pipelines.ts'
import type { Observed } from './observed.ts'

const clickstream = pipeline()
const said = (observed: Observed, of = clickstream) => saidOf(of, observed)

/** What Ready says after Strimzi's words, of a topic that is refused with them. */
const cure = (message: string, role: TopicRole = 'events') => {
  const of = pipeline({ topics: { events: { replicas: 3 } } })
  const observed = settled(of)
  const refusal = { type: 'Ready', status: 'False', reason: 'KafkaError', message }
  observed.topics[role]!.status = { observedGeneration: 1, conditions: [refusal] }
  return said(observed, of).Ready.message.replace(/^topic .* is not ready: /, '')
}

test('a refusal about replicas names their field, one about anything else none', () => {
  const more = 'kubectl describe kafkatopic clickstream-events says more.'
  const replicas = `Set spec.topics.events.replicas; ${more}`
  const ofReplicas = [
    'org.apache.kafka.common.errors.InvalidReplicationFactorException: Replication factor: 3 larger than available brokers: 1.',
    'Unable to replicate the partition 3 time(s): The target replication factor of 3 cannot be reached because only 1 broker(s) are registered.',
    'INVALID_REPLICATION_FACTOR.',
    'Replication factor change not supported, but required for partitions [0, 1].',
  ]
  for (const words of ofReplicas) assert.equal(cure(words), `KafkaError: ${words} ${replicas}`)
  const ofOthers = [
    'Decreasing partitions not supported.',
    'org.apache.kafka.common.errors.InvalidConfigurationException: Invalid value x for configuration segment.bytes.',
    'InvalidReplicationFactorException: Unable to replicate the partition 1 time(s): All brokers are currently fenced.',
  ]
  for (const words of ofOthers) assert.equal(cure(words), `KafkaError: ${words} ${more}`)
})

test('panes and dead letters are cured by the field of the events, results by their own', () => {
  const words = 'Replication factor: 3 larger than available brokers: 1.'
  for (const [role, field] of [
    ['panes', 'events'],
    ['dlq', 'events'],
    ['metrics', 'metrics'],
  ] as const) {
    const told = `Set spec.topics.${field}.replicas; kubectl describe kafkatopic clickstream-${role} says more.`
    assert.equal(cure(words, role), `KafkaError: ${words} ${told}`)
  }
})

test("the Topic Operator's words are one line without commands for a terminal, and not so long that the cure is lost", () => {
  const observed = settled(clickstream)
  const says = (message: string) => {
    const refusal = { type: 'Ready', status: 'False', reason: 'KafkaError', message }
    observed.topics.events!.status = { observedGeneration: 1, conditions: [refusal] }
    return said(observed).Ready.message.replace('topic clickstream-events is not ready: KafkaError: ', '')
  }
  const more = 'kubectl describe kafkatopic clickstream-events says more.'
  assert.equal(
    says('no\r\n\tbroker \u001b[2J\u009b31m \u202egnp \ud800 größer'),
    String.raw`no broker \u001b[2J\u009b31m \u202egnp \ud800 größer. ${more}`,
  )
  assert.equal(says('ü'.repeat(9_000)), `${'ü'.repeat(600 - 'KafkaError: '.length - 1)}…. ${more}`)
})

test('a topic that another KafkaTopic manages is a conflict', () => {
  const observed = settled(clickstream)
  const refusal = { type: 'Ready', status: 'False', reason: 'ResourceConflict', message: 'Managed by x' }
  observed.topics.events!.status = { observedGeneration: 1, conditions: [refusal] }
  const { Stalled } = said(observed)
  assert.deepEqual(
    [Stalled.reason, Stalled.message],
    [
      'Conflict',
      'topic clickstream-events is not ready: ResourceConflict: Managed by x. Give this pipeline another name.',
    ],
  )
})

test('of several refused topics the one is named that the spec speaks of', () => {
  const observed = settled(clickstream)
  const refusal = (message: string) => ({
    observedGeneration: 1,
    conditions: [{ type: 'Ready', status: 'False', reason: 'KafkaError', message }],
  })
  observed.topics.panes!.status = refusal('no')
  observed.topics.events!.status = refusal('no')
  delete observed.topics.metrics
  assert.equal(
    said(observed).Ready.message,
    'topic clickstream-events is not ready: KafkaError: no. ' +
      'kubectl describe kafkatopic clickstream-events says more.',
  )
})

test('what a Topic Operator said of a topic in another Kafka does not count', () => {
  const observed = settled(clickstream)
  observed.topics.events!.metadata.labels = { 'strimzi.io/cluster': 'other' }
  const { TopicsReady } = said(observed)
  assert.deepEqual(
    [TopicsReady.status, TopicsReady.message],
    ['False', 'KafkaTopic clickstream-events has the label strimzi.io/cluster=other, not data-on-eks'],
  )
})

for (const [annotation, value, type, what] of [
  ['strimzi.io/managed', 'false', 'Unmanaged', 'managed'],
  ['strimzi.io/pause-reconciliation', 'true', 'ReconciliationPaused', 'reconciled'],
] as const) {
  test(`a topic whose annotation keeps the Topic Operator away is told with it: ${type}`, () => {
    const observed = settled(clickstream)
    const { events } = observed.topics
    events!.metadata.annotations = { ...events!.metadata.annotations, [annotation]: value }
    events!.status = { observedGeneration: 1, conditions: [{ type, status: 'True' }] }
    const { Ready, Stalled } = said(observed)
    const why =
      `KafkaTopic clickstream-events is not ${what}, as its annotation ${annotation}=${value} says: remove it by ` +
      `kubectl annotate kafkatopic clickstream-events -n shop ${annotation}-`
    assert.deepEqual([Ready.reason, Ready.message], ['TopicRefused', why])
    assert.deepEqual([Stalled.status, Stalled.message], ['True', why])
    events!.metadata.annotations = { ...events!.metadata.annotations, [annotation]: 'other' }
    assert.match(said(observed).Ready.message, /waits for the Topic Operator/)
  })
}
