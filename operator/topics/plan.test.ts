import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KafkaTopic } from '../api/kubernetes.ts'
import type { BrokerTopic } from './broker.ts'
import { type Plan, plan } from './plan.ts'

const found = (topic: Partial<BrokerTopic> = {}): BrokerTopic => ({
  partitions: 6,
  replicas: 3,
  config: {},
  ...topic,
})
const notSupported = (message: string) => ({
  kind: 'Refused' as const,
  reason: 'NotSupported' as const,
  message,
})

const plans: { it: string; spec: KafkaTopic['spec']; found: BrokerTopic | undefined; expect: Plan }[] = [
  {
    it: 'a topic that is missing is created',
    spec: { partitions: 6, replicas: 3, config: { 'retention.ms': 1000 } },
    found: undefined,
    expect: {
      steps: [{ kind: 'create', partitions: 6, replicas: 3, config: { 'retention.ms': '1000' } }],
      refusals: [],
    },
  },
  {
    it: "what the spec leaves out is the brokers' choice at creation",
    spec: {},
    found: undefined,
    expect: {
      steps: [{ kind: 'create', partitions: undefined, replicas: undefined, config: {} }],
      refusals: [],
    },
  },
  {
    it: 'a topic is not created with half of its config',
    spec: JSON.parse('{"config":{"a":1,"b":{}}}'),
    found: undefined,
    expect: { steps: [], refusals: [notSupported("Invalid value for topic config 'b': {}")] },
  },
  {
    it: 'a topic that is as it should be needs nothing',
    spec: { partitions: 6, replicas: 3, config: { 'retention.ms': 1000 } },
    found: found({ config: { 'retention.ms': '1000' } }),
    expect: { steps: [], refusals: [] },
  },
  {
    it: 'what the spec leaves out stays as it is',
    spec: {},
    found: found(),
    expect: { steps: [], refusals: [] },
  },
  {
    it: 'more partitions are added',
    spec: { partitions: 12 },
    found: found(),
    expect: { steps: [{ kind: 'grow', partitions: 12 }], refusals: [] },
  },
  {
    it: 'fewer partitions are refused',
    spec: { partitions: 3 },
    found: found(),
    expect: {
      steps: [],
      refusals: [notSupported('Decreasing partitions not supported: spec.partitions is 3, the topic has 6')],
    },
  },
  {
    it: 'another replication factor is refused',
    spec: { replicas: 1 },
    found: found(),
    expect: {
      steps: [],
      refusals: [
        notSupported('Replication factor change not supported: spec.replicas is 1, the topic has 3'),
      ],
    },
  },
  {
    it: 'a refusal holds back nothing else',
    spec: { partitions: 12, replicas: 1, config: { 'retention.ms': 1000 } },
    found: found(),
    expect: {
      steps: [
        { kind: 'configure', changes: { set: { 'retention.ms': '1000' }, unset: [] } },
        { kind: 'grow', partitions: 12 },
      ],
      refusals: [
        notSupported('Replication factor change not supported: spec.replicas is 1, the topic has 3'),
      ],
    },
  },
  {
    it: 'a setting made in Kafka by hand is removed',
    spec: { partitions: 6 },
    found: found({ config: { 'segment.ms': '5' } }),
    expect: { steps: [{ kind: 'configure', changes: { set: {}, unset: ['segment.ms'] } }], refusals: [] },
  },
]

for (const { it, spec, found, expect } of plans) {
  test(it, () => {
    assert.deepEqual(plan({ spec }, found), expect)
  })
}

test('an object without a spec, as v1beta2 allows, asks for a topic with all the defaults', () => {
  const topic: KafkaTopic = JSON.parse('{"kind":"KafkaTopic","metadata":{"name":"a","namespace":"kafka"}}')
  assert.deepEqual(plan(topic, undefined).steps, [
    { kind: 'create', partitions: undefined, replicas: undefined, config: {} },
  ])
})
