import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KafkaTopic } from '../api/kubernetes.ts'
import { type Decision, decide } from './decision.ts'
import { deleting, kafkaTopic, paused, released } from './testing/topic.ts'

const older = { creationTimestamp: '2026-01-31T11:00:00Z' }
const younger = { creationTimestamp: '2026-01-31T13:00:00Z' }
const held = (topicName: string) => ({ topicName, topicId: 'id-1' })
const manage = (name: string): Decision => ({ kind: 'manage', name })
const leave: Decision = { kind: 'leave' }
const forget: Decision = { kind: 'forget' }
const refused = (reason: 'NotSupported' | 'ResourceConflict', message: string, identity = {}): Decision => ({
  kind: 'report',
  verdict: { kind: 'Refused', reason, message, ...identity },
})
const managedBy = (name: string) =>
  refused('ResourceConflict', `Managed by Ref{namespace='kafka', name='${name}'}`)

const decisions: {
  it: string
  topic: KafkaTopic
  others?: KafkaTopic[]
  topicId?: string
  expect: Decision
}[] = [
  { it: 'a topic of our cluster is managed', topic: kafkaTopic('a'), expect: manage('a') },
  {
    it: 'spec.topicName names the Kafka topic',
    topic: kafkaTopic('a', { spec: { topicName: 'A_1' } }),
    expect: manage('A_1'),
  },
  {
    it: 'a topic of another cluster is left alone',
    topic: kafkaTopic('a', { cluster: 'other' }),
    expect: leave,
  },
  { it: 'a topic without the label is left alone', topic: kafkaTopic('a', { cluster: null }), expect: leave },
  {
    it: 'a topic of another cluster is left alone when deleted, too',
    topic: kafkaTopic('a', { cluster: 'other', metadata: deleting }),
    expect: leave,
  },
  {
    it: 'a released topic is reported as Unmanaged',
    topic: kafkaTopic('a', { annotations: released }),
    expect: { kind: 'report', verdict: { kind: 'Unmanaged', topicName: undefined, topicId: undefined } },
  },
  {
    it: 'a released topic keeps its name, so that it is its own again when it is managed again',
    topic: kafkaTopic('a', { annotations: released, status: held('a') }),
    expect: { kind: 'report', verdict: { kind: 'Unmanaged', ...held('a') } },
  },
  {
    it: 'only the value false releases a topic',
    topic: kafkaTopic('a', { annotations: { 'strimzi.io/managed': 'no' } }),
    expect: manage('a'),
  },
  {
    it: 'a paused topic is reported as paused, and keeps its name and id',
    topic: kafkaTopic('a', { annotations: paused, status: held('a') }),
    expect: { kind: 'report', verdict: { kind: 'ReconciliationPaused', ...held('a') } },
  },
  {
    it: 'a topic that is released and paused is released',
    topic: kafkaTopic('a', { annotations: { ...released, ...paused } }),
    expect: { kind: 'report', verdict: { kind: 'Unmanaged', topicName: undefined, topicId: undefined } },
  },
  {
    it: 'another spec.topicName than the one managed is refused',
    topic: kafkaTopic('a', { spec: { topicName: 'b' }, status: held('a') }),
    expect: refused(
      'NotSupported',
      'Changing spec.topicName is not supported: this object manages the topic a',
      held('a'),
    ),
  },
  {
    it: 'another spec.topicName is fine as long as no topic was managed',
    topic: kafkaTopic('a', { spec: { topicName: 'b' }, status: { observedGeneration: 1 } }),
    expect: manage('b'),
  },
  {
    it: "Kafka's own topics are refused",
    topic: kafkaTopic('a', { spec: { topicName: '__consumer_offsets' } }),
    expect: refused(
      'NotSupported',
      "Managing __consumer_offsets is not supported: topics whose names begin with __ are Kafka's own",
    ),
  },
  {
    it: 'the younger of two objects for one topic is refused',
    topic: kafkaTopic('b', { spec: { topicName: 'a' }, metadata: younger }),
    others: [kafkaTopic('a')],
    expect: managedBy('a'),
  },
  {
    it: 'the older of two objects for one topic manages it',
    topic: kafkaTopic('b', { spec: { topicName: 'a' }, metadata: older }),
    others: [kafkaTopic('a')],
    expect: manage('a'),
  },
  {
    it: 'an object that has claimed the topic keeps it, though an older one asks for it now',
    topic: kafkaTopic('b', { spec: { topicName: 'a' }, metadata: younger, status: held('a') }),
    others: [kafkaTopic('a')],
    expect: manage('a'),
  },
  {
    it: 'an object that has claimed the topic by the id that Kafka has keeps it, though an older one claims it by another',
    topic: kafkaTopic('b', { spec: { topicName: 'a' }, metadata: younger, status: held('a') }),
    others: [kafkaTopic('a', { status: { topicName: 'a', topicId: 'id-elsewhere' } })],
    topicId: 'id-1',
    expect: manage('a'),
  },
  {
    it: 'of two claims of which neither has the id that Kafka has, the older counts',
    topic: kafkaTopic('b', { spec: { topicName: 'a' }, metadata: younger, status: held('a') }),
    others: [kafkaTopic('a', { status: { topicName: 'a', topicId: 'id-elsewhere' } })],
    topicId: 'id-2',
    expect: managedBy('a'),
  },
  {
    it: 'of two objects of the same second, the one that was Ready goes on',
    topic: kafkaTopic('b', { spec: { topicName: 'a' }, status: held('a') }),
    others: [kafkaTopic('a')],
    expect: manage('a'),
  },
  {
    it: 'of two new objects of the same second, the first by name manages the topic',
    topic: kafkaTopic('b', { spec: { topicName: 'a' } }),
    others: [kafkaTopic('a')],
    expect: managedBy('a'),
  },
  {
    it: 'a released object is no rival',
    topic: kafkaTopic('b', { spec: { topicName: 'a' } }),
    others: [kafkaTopic('a', { annotations: released })],
    expect: manage('a'),
  },
  {
    it: 'a paused object is a rival',
    topic: kafkaTopic('b', { spec: { topicName: 'a' } }),
    others: [kafkaTopic('a', { annotations: paused })],
    expect: managedBy('a'),
  },
  {
    it: 'an object of another cluster is no rival',
    topic: kafkaTopic('b', { spec: { topicName: 'a' } }),
    others: [kafkaTopic('a', { cluster: 'other' })],
    expect: manage('a'),
  },
  {
    it: 'an object that is being deleted is a rival until its topic is gone',
    topic: kafkaTopic('b', { spec: { topicName: 'a' } }),
    others: [kafkaTopic('a', { metadata: deleting })],
    expect: managedBy('a'),
  },
  {
    it: "an object that only others' finalizers keep is no rival",
    topic: kafkaTopic('b', { spec: { topicName: 'a' } }),
    others: [kafkaTopic('a', { metadata: { ...deleting, finalizers: ['someone/else'] } })],
    expect: manage('a'),
  },
  {
    it: 'an object that was renamed in vain still holds its first topic',
    topic: kafkaTopic('b', { spec: { topicName: 'a' } }),
    others: [kafkaTopic('a', { spec: { topicName: 'c' }, status: held('a') })],
    expect: managedBy('a'),
  },
  {
    it: 'an object that was renamed in vain does not hold the name it asks for',
    topic: kafkaTopic('b', { spec: { topicName: 'c' } }),
    others: [kafkaTopic('a', { spec: { topicName: 'c' }, status: held('a') })],
    expect: manage('c'),
  },
  {
    it: 'the topic goes with its object',
    topic: kafkaTopic('a', { metadata: deleting, status: held('a') }),
    expect: { kind: 'delete', name: 'a' },
  },
  {
    it: 'a topic that was never claimed stays when an object for it goes',
    topic: kafkaTopic('a', { metadata: deleting }),
    expect: forget,
  },
  {
    it: 'the topic that was managed goes, not the one that was asked for in vain',
    topic: kafkaTopic('a', { metadata: deleting, spec: { topicName: 'b' }, status: held('a') }),
    expect: { kind: 'delete', name: 'a' },
  },
  {
    it: 'a paused topic goes with its object',
    topic: kafkaTopic('a', { metadata: deleting, annotations: paused, status: held('a') }),
    expect: { kind: 'delete', name: 'a' },
  },
  {
    it: 'a released topic stays when its object goes',
    topic: kafkaTopic('a', { metadata: deleting, annotations: released, status: held('a') }),
    expect: forget,
  },
  {
    it: 'a topic that an older object holds stays when the younger goes',
    topic: kafkaTopic('b', { metadata: { ...deleting, ...younger }, spec: { topicName: 'a' } }),
    others: [kafkaTopic('a')],
    expect: forget,
  },
  {
    it: "Kafka's own topic stays when an object for it goes",
    topic: kafkaTopic('a', { metadata: deleting, spec: { topicName: '__transaction_state' } }),
    expect: forget,
  },
  {
    it: 'without our finalizer the deletion is over for us',
    topic: kafkaTopic('a', { metadata: { ...deleting, finalizers: ['someone/else'] } }),
    expect: leave,
  },
]

for (const { it, topic, others = [], topicId, expect } of decisions) {
  test(it, () => {
    const around = { kafkaCluster: 'data-on-eks', others: [topic, ...others], topicId }
    assert.deepEqual(decide(topic, around), expect)
  })
}
