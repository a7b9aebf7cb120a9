import assert from 'node:assert/strict'
import { test } from 'node:test'
import { availableDeployment, bare, pipeline, readyTopic, settled, wanted } from '../testing/pipelines.ts'
import { plan } from './plan.ts'

const planned = (of: ReturnType<typeof pipeline>, observed: ReturnType<typeof bare>) => {
  const { steps, blocks } = plan(of, wanted(of), observed)
  return {
    steps: steps.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    blocks: blocks.map(({ reason, stalled }) => (stalled ? `${reason}!` : reason)),
  }
}
const clickstream = pipeline()
const everything = [
  'Service clickstream-consumer',
  'Deployment clickstream-producer',
  'Deployment clickstream-processor',
  'Deployment clickstream-consumer',
]

test('a new pipeline gets its four topics and no pods yet', () => {
  assert.deepEqual(planned(clickstream, bare()), {
    steps: [
      'KafkaTopic clickstream-panes',
      'KafkaTopic clickstream-dlq',
      'KafkaTopic clickstream-metrics',
      'KafkaTopic clickstream-events',
    ],
    blocks: [],
  })
})

test('pods come when every topic is ready', () => {
  const observed = { ...bare(), topics: settled(clickstream).topics }
  assert.deepEqual(planned(clickstream, observed).steps, everything)
})

test('pods do not come while one topic is ready only at an older generation', () => {
  const { topics } = settled(clickstream)
  const dlq = readyTopic(wanted(clickstream).topics.dlq)
  const behind = { ...dlq, metadata: { ...dlq.metadata, generation: 2 } }
  assert.deepEqual(planned(clickstream, { ...bare(), topics: { ...topics, dlq: behind } }).steps, [])
})

test('a settled pipeline needs no step', () => {
  assert.deepEqual(planned(clickstream, settled(clickstream)), { steps: [], blocks: [] })
})

test('a Deployment edited by hand is applied again', () => {
  const observed = settled(clickstream)
  const producer = availableDeployment(wanted(clickstream).deployments.producer)
  producer.spec = { ...producer.spec, replicas: 5 }
  observed.deployments.producer = producer
  assert.deepEqual(planned(clickstream, observed).steps, ['Deployment clickstream-producer'])
})

test('a field that somebody else added to a Deployment is left alone', () => {
  const observed = settled(clickstream)
  const producer = availableDeployment(wanted(clickstream).deployments.producer)
  producer.metadata.annotations = {
    ...producer.metadata.annotations,
    'deployment.kubernetes.io/revision': '1',
  }
  producer.spec.template.spec['dnsPolicy'] = 'ClusterFirst'
  producer.spec.template.spec.containers[0]?.env?.push({ name: 'EXTRA', value: '1' })
  observed.deployments.producer = producer
  assert.deepEqual(planned(clickstream, observed).steps, [])
})

test('a setting that left the spec is taken off the topic', () => {
  const before = pipeline({ topics: { events: { config: { 'min.insync.replicas': '2' } } } })
  assert.deepEqual(planned(clickstream, settled(before)).steps, ['KafkaTopic clickstream-events'])
})

test('quantities that the API server wrote in its own way are no difference', () => {
  const of = pipeline({ producer: { resources: { requests: { cpu: '1000m', memory: '1024Mi' } } } })
  const observed = settled(of)
  const container = observed.deployments.producer?.spec.template.spec.containers[0]
  container!['resources'] = { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '1Gi' } }
  assert.deepEqual(planned(of, observed).steps, [])
})

test('quantities that the API server rounded up to a thousandth are no difference, rounded down they are', () => {
  const requests = { cpu: '0.0625', memory: '0.3333Gi' }
  const of = pipeline({ producer: { resources: { requests, limits: { memory: '1000T' } } } })
  const observed = settled(of)
  const container = observed.deployments.producer?.spec.template.spec.containers[0]
  const limits = { memory: '1P' }
  container!['resources'] = { requests: { cpu: '63m', memory: '357878149940m' }, limits }
  assert.deepEqual(planned(of, observed).steps, [])
  container!['resources'] = { requests: { cpu: '62m', memory: '357878149940m' }, limits }
  assert.deepEqual(planned(of, observed).steps, ['Deployment clickstream-producer'])
})

test('a spread constraint and an owner that somebody else added to a Deployment are left alone', () => {
  const observed = settled(clickstream)
  const { metadata, spec } = observed.deployments.producer!
  const owner = { apiVersion: 'v1', kind: 'Other', name: 'clickstream', uid: 'uid-9' }
  metadata.ownerReferences = [owner, ...metadata.ownerReferences!]
  const zones = {
    maxSkew: 1,
    topologyKey: 'topology.kubernetes.io/zone',
    whenUnsatisfiable: 'ScheduleAnyway',
  }
  const ours = spec.template.spec['topologySpreadConstraints'] as object[]
  spec.template.spec['topologySpreadConstraints'] = [zones, ...ours]
  assert.deepEqual(planned(clickstream, observed).steps, [])
  spec.template.spec['topologySpreadConstraints'] = [zones]
  assert.deepEqual(planned(clickstream, observed).steps, ['Deployment clickstream-producer'])
})

test('partitions grow downstream first: the events topic waits', () => {
  const grown = pipeline({ topics: { events: { partitions: 12 } } })
  assert.deepEqual(planned(grown, settled(clickstream)), {
    steps: ['KafkaTopic clickstream-panes', 'KafkaTopic clickstream-dlq'],
    blocks: ['TopicsGrowing'],
  })
})

test('the events topic grows when panes and dead letters have their partitions', () => {
  const grown = pipeline({ topics: { events: { partitions: 12 } } })
  const observed = settled(grown)
  observed.topics.events = readyTopic(wanted(clickstream).topics.events)
  assert.deepEqual(planned(grown, observed), { steps: ['KafkaTopic clickstream-events'], blocks: [] })
})

test('a topic kept from before never shrinks', () => {
  const observed = { ...bare(), topics: settled(pipeline({ topics: { events: { partitions: 12 } } })).topics }
  assert.deepEqual(planned(clickstream, observed), {
    steps: [],
    blocks: ['InvalidSpec!', 'InvalidSpec!', 'InvalidSpec!'],
  })
})

test('a topic of somebody else is not adopted and nothing is applied', () => {
  const observed = bare()
  const topic = wanted(clickstream).topics.events
  observed.topics.events = {
    ...topic,
    metadata: { ...topic.metadata, labels: { 'strimzi.io/cluster': 'data-on-eks' } },
  }
  assert.deepEqual(planned(clickstream, observed), { steps: [], blocks: ['NameConflict!'] })
})

test('a topic that another controller owns is not adopted, whatever its labels say', () => {
  const observed = settled(clickstream)
  const owner = { apiVersion: 'v1', kind: 'Other', name: 'x', uid: 'uid-9', controller: true }
  observed.topics.events!.metadata.ownerReferences = [owner]
  assert.deepEqual(planned(clickstream, observed), { steps: [], blocks: ['NameConflict!'] })
})

test('a Deployment of another owner is not adopted', () => {
  const observed = settled(clickstream)
  const owner = { apiVersion: 'v1', kind: 'Other', name: 'x', uid: 'uid-9', controller: true }
  observed.deployments.producer!.metadata.ownerReferences = [owner]
  assert.deepEqual(planned(clickstream, observed), { steps: [], blocks: ['NameConflict!'] })
})

test('an orphaned Deployment with our labels is taken back', () => {
  const observed = settled(clickstream)
  delete observed.deployments.producer!.metadata.ownerReferences
  assert.deepEqual(planned(clickstream, observed).steps, ['Deployment clickstream-producer'])
})

test('a Deployment of a deleted pipeline with the same name is waited for', () => {
  const observed = settled(pipeline({}, { uid: 'uid-0' }))
  assert.deepEqual(planned(clickstream, observed), {
    steps: [],
    blocks: ['Progressing', 'Progressing', 'Progressing', 'Progressing'],
  })
})

test('without the KafkaTopic kind nothing is applied and nothing is taken away', () => {
  assert.deepEqual(planned(clickstream, { ...settled(clickstream), topicVersion: undefined }), {
    steps: [],
    blocks: ['TopicKindMissing!'],
  })
})

test('v1beta2 topics of the same group are no difference from v1', () => {
  const observed = settled(clickstream)
  for (const topic of Object.values(observed.topics)) topic.apiVersion = 'kafka.strimzi.io/v1beta2'
  const steps = planned(clickstream, observed).steps
  assert.deepEqual(steps, [])
})

test('a Service of somebody else does not keep topics and Deployments from being put right', () => {
  const observed = settled(clickstream)
  observed.service!.metadata = { ...observed.service!.metadata, labels: {}, ownerReferences: [] }
  observed.topics.events!.spec.partitions = 1
  observed.deployments.producer!.spec.replicas = 5
  assert.deepEqual(planned(clickstream, observed).steps, ['KafkaTopic clickstream-events'])
  observed.topics = settled(clickstream).topics
  assert.deepEqual(planned(clickstream, observed), {
    steps: ['Deployment clickstream-producer'],
    blocks: ['NameConflict!'],
  })
})
