import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Condition } from '../api/kubernetes.ts'
import { availableDeployment, bare, calm, pipeline, saidOf, settled, wanted } from '../testing/pipelines.ts'
import { conditions, facts, invalidFacts } from './conditions.ts'
import { fact } from './fact.ts'
import type { Observed } from './observed.ts'
import { plan } from './plan.ts'
import { podsOf } from './pods.ts'

const clickstream = pipeline()
const said = (observed: Observed, of = clickstream) => saidOf(of, observed)

test('everything ready makes Ready true and nothing in progress', () => {
  const { Ready, Reconciling, Stalled } = said(settled(clickstream))
  assert.deepEqual([Ready.status, Ready.reason], ['True', 'Ready'])
  assert.deepEqual([Reconciling.status, Stalled.status], ['False', 'False'])
})

test('a new pipeline says which topic it waits for, and on whom', () => {
  const { Ready, TopicsReady, ProducerAvailable, Reconciling } = said(bare())
  assert.equal(Ready.reason, 'TopicsNotReady')
  assert.equal(Ready.message, 'KafkaTopic clickstream-events does not exist yet')
  assert.deepEqual(
    [TopicsReady.status, ProducerAvailable.reason, Reconciling.status],
    ['False', 'WaitingForTopics', 'True'],
  )
})

test('pods that are not available yet are counted', () => {
  const of = pipeline({ processor: { replicas: 3 } })
  const observed = settled(of)
  observed.deployments.processor!.status = {
    observedGeneration: 1,
    replicas: 3,
    updatedReplicas: 3,
    availableReplicas: 1,
  }
  const { Ready, ProcessorAvailable } = said(observed, of)
  assert.equal(Ready.message, 'Deployment clickstream-processor: 1 of 3 pods are available')
  assert.deepEqual([ProcessorAvailable.status, ProcessorAvailable.reason], ['False', 'RollingOut'])
})

test('pods that are too many are counted too', () => {
  const observed = settled(clickstream)
  observed.deployments.producer!.status = {
    observedGeneration: 1,
    replicas: 3,
    updatedReplicas: 3,
    availableReplicas: 3,
  }
  assert.equal(said(observed).Ready.message, 'Deployment clickstream-producer: 3 pods run, 1 shall')
})

test('pods that cannot be made say why', () => {
  const observed = settled(clickstream)
  const failure = { type: 'ReplicaFailure', status: 'True', message: 'pods "x" is forbidden: exceeded quota' }
  observed.deployments.consumer!.status = { observedGeneration: 1, conditions: [failure] }
  assert.equal(said(observed).Ready.reason, 'Unavailable')
  assert.match(said(observed).Ready.message, /exceeded quota/)
})

test('a Deployment whose controller has not seen the newest generation is not available', () => {
  const observed = settled(clickstream)
  const producer = availableDeployment(wanted(clickstream).deployments.producer)
  observed.deployments.producer = { ...producer, metadata: { ...producer.metadata, generation: 2 } }
  assert.equal(said(observed).Ready.status, 'False')
})

test('a role scaled to zero counts as available', () => {
  const of = pipeline({ consumer: { replicas: 0 } })
  assert.equal(said(settled(of), of).ConsumerAvailable.reason, 'ScaledToZero')
  assert.equal(said(settled(of), of).Ready.status, 'True')
})

test('a name conflict stalls, names the object and says what to do', () => {
  const observed = settled(clickstream)
  observed.topics.events!.metadata.labels = {}
  const { Ready, Stalled, Reconciling } = said(observed)
  assert.deepEqual([Stalled.status, Stalled.reason, Reconciling.status], ['True', 'NameConflict', 'False'])
  assert.match(Ready.message, /^KafkaTopic clickstream-events exists and does not belong to this pipeline/)
})

test('an invalid spec is said, and what runs is not judged', () => {
  const { Ready, Stalled, TopicsReady } = invalidFacts(['spec.kafka: Required'])
  assert.deepEqual([Ready.status, Stalled.status, TopicsReady.status], ['False', 'True', 'Unknown'])
  assert.equal(Ready.message, 'spec.kafka: Required')
  const long = invalidFacts(['🎈'.repeat(5_000)]).Stalled.message
  assert.deepEqual([Array.from(long).length, long.endsWith('🎈…')], [4_096, true])
})

test('lastTransitionTime moves only when the status flips', () => {
  const before = conditions(said(bare()), { previous: [], generation: 1, now: '2026-01-01T00:00:00.000Z' })
  const after = conditions(said(settled(clickstream)), {
    previous: before,
    generation: 2,
    now: '2026-01-02T00:00:00.000Z',
  })
  const times = (list: Condition[]) =>
    Object.fromEntries(list.map(({ type, lastTransitionTime }) => [type, lastTransitionTime.slice(0, 10)]))
  assert.equal(times(after)['Ready'], '2026-01-02')
  assert.equal(times(after)['Stalled'], '2026-01-01')
  assert.ok(after.every(({ observedGeneration }) => observedGeneration === 2))
})

test('a refused topic stalls the pipeline, also while others grow', () => {
  const grown = pipeline({ topics: { events: { partitions: 12, replicas: 3 } } })
  const observed = settled(grown)
  observed.topics.events = settled(clickstream).topics.events!
  const refusal = {
    type: 'Ready',
    status: 'False',
    reason: 'NotSupported',
    message: 'Replication factor change not supported',
  }
  observed.topics.panes!.status = { observedGeneration: 1, conditions: [refusal] }
  const { Ready, Stalled, Reconciling } = said(observed, grown)
  assert.deepEqual([Stalled.status, Ready.reason, Reconciling.status], ['True', 'TopicRefused', 'False'])
  assert.match(Ready.message, /Replication factor change not supported/)
})

test('pods that were available and are not any more are unavailable, not rolling out', () => {
  const observed = settled(clickstream)
  const rolledOut = { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' }
  const status = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 0 }
  observed.deployments.processor!.status = { ...status, conditions: [rolledOut] }
  const { Ready } = said(observed)
  assert.equal(Ready.reason, 'Unavailable')
  assert.match(
    Ready.message,
    /0 of 1 pods are available; kubectl logs -n shop deployment\/clickstream-processor says/,
  )
})

test('the root cause is the first in the walk: kind, topics, pods, data', () => {
  const observed = settled(clickstream)
  const flowing = fact('False', 'Behind', 'the newest window is old')
  const cause = () => {
    const { Ready } = saidOf(clickstream, observed, { flowing })
    return `${Ready.status} ${Ready.reason}: ${Ready.message}`
  }
  assert.equal(
    cause(),
    'True Ready: Every topic is ready and every pod that shall run is available. But: the newest window is old',
  )
  observed.deployments.consumer!.status = { observedGeneration: 1 }
  assert.match(cause(), /^False RollingOut: Deployment clickstream-consumer: 0 of 1/)
  observed.topics.dlq!.status = {}
  assert.match(cause(), /^False TopicsNotReady: KafkaTopic clickstream-dlq waits for the Topic Operator/)
  observed.topicVersion = undefined
  assert.match(cause(), /^False TopicKindMissing: The cluster serves no KafkaTopic kind/)
})

test('a topic that is not ready comes before pods that are stalled and processors that are halted', () => {
  const observed = settled(clickstream)
  const overdue = { type: 'Progressing', status: 'False', message: 'timed out' }
  const { processor } = observed.deployments
  processor!.status = { ...processor!.status, availableReplicas: 0, conditions: [overdue] }
  const halt = fact('False', 'Halted', 'partition 3: the position 7 is not in the log')
  const cause = (told: object = {}) => {
    const { Ready, Stalled } = saidOf(clickstream, observed, told)
    return [`${Ready.reason}: ${Ready.message}`, Stalled.reason]
  }
  const [stalledPods] = cause()
  assert.match(stalledPods!, /^ProgressDeadlineExceeded: Deployment clickstream-processor/)
  const halted = 'Halted: partition 3: the position 7 is not in the log'
  assert.deepEqual(cause({ flowing: halt }), [halted, 'Halted'])
  observed.topics.events!.status = { observedGeneration: 0 }
  const topic =
    'TopicsNotReady: KafkaTopic clickstream-events waits for the Topic Operator; if this stays, see whether one runs ' +
    'for cluster data-on-eks and watches namespace shop'
  assert.deepEqual(cause(), [topic, 'ProgressDeadlineExceeded'])
  assert.deepEqual(cause({ flowing: halt }), [topic, 'Halted'])
})

test('a kind that is missing comes before what else the API server refuses', () => {
  const observed = { ...settled(clickstream), topicVersion: undefined }
  const desired = wanted(clickstream)
  const refused = { reason: 'Refused', message: 'forbidden', stalled: true } as const
  const { Ready } = facts(desired, observed, {
    blocks: [refused, ...plan(clickstream, desired, observed).blocks],
    pods: podsOf({ desired, observed, suspended: calm.suspended, now: 0 }),
    ...calm,
  })
  assert.equal(Ready.reason, 'TopicKindMissing')
})

test('a topic that is not ready comes before a Deployment of somebody else, which stalls all the same', () => {
  const observed = settled(clickstream)
  const owner = { apiVersion: 'v1', kind: 'Somebody', name: 'else', uid: 'uid-2', controller: true }
  observed.deployments.processor!.metadata.ownerReferences = [owner]
  const causes = () => {
    const { Ready, Stalled } = said(observed)
    return [Ready.reason, Stalled.reason]
  }
  assert.deepEqual(causes(), ['NameConflict', 'NameConflict'])
  observed.topics.events!.status = { observedGeneration: 0 }
  assert.deepEqual(causes(), ['TopicsNotReady', 'NameConflict'])
  const refusal = { type: 'Ready', status: 'False', reason: 'KafkaError', message: 'no' }
  observed.topics.events!.status = { observedGeneration: 1, conditions: [refusal] }
  assert.deepEqual(causes(), ['TopicRefused', 'TopicRefused'])
})
