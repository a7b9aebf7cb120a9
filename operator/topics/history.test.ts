import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import pino from 'pino'
import type { KafkaTopic } from '../api/kubernetes.ts'
import type { BrokerTopic } from './broker.ts'
import { topicReconciler } from './reconcile.ts'
import { type MemoryBroker, memoryBroker, type Write } from './testing/broker.ts'
import { type TopicCluster, topicCluster } from './testing/cluster.ts'
import { type Death, mortal } from './testing/mortal.ts'
import { Owners } from './testing/owners.ts'
import { kafkaTopic } from './testing/topic.ts'

/**
 * Random histories of users, of hands in Kafka, of passes and of controllers that die. The rules below are told again
 * here, in other words. HISTORIES says how many.
 */
const numRuns = Number(process.env['HISTORIES'] ?? 500)

const OURS = 'data-on-eks'
const objects = fc.constantFrom('a', 'b', 'c')
const kafkaNames = fc.constantFrom('a', 'a', 't', '__x')
const config = fc.dictionary(fc.constantFrom('retention.ms', 'segment.ms'), fc.integer({ min: 1, max: 3 }))
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 })

const seldom = fc.integer({ min: 0, max: 4 }).map((n) => n === 0)
const put = fc.record({
  kind: fc.constant('put' as const),
  name: objects,
  cluster: fc.constantFrom(OURS, OURS, OURS, OURS, 'other', null),
  released: seldom,
  paused: seldom,
  adopts: seldom,
  topicName: optional(kafkaNames),
  partitions: optional(fc.integer({ min: 1, max: 4 })),
  replicas: optional(fc.integer({ min: 1, max: 3 })),
  config,
})
/** By a setting that no object asks for. */
const found = fc.record({
  topicId: fc.uuid(),
  partitions: fc.integer({ min: 1, max: 4 }),
  replicas: fc.constant(1),
  config: fc.constant({ 'flush.ms': '1' }),
})
const action = fc.oneof(
  { weight: 3, arbitrary: put },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), name: objects }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('hand' as const), topic: kafkaNames, found: optional(found) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kafka' as const), away: seldom }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('pass' as const), name: objects }) },
  {
    weight: 2,
    // The write at which the controller dies, before it is done or right after.
    arbitrary: fc.record({
      kind: fc.constant('death' as const),
      name: objects,
      at: fc.integer({ min: 1, max: 4 }),
      done: fc.boolean(),
    }),
  },
)
const histories = fc.array(action, { minLength: 20, maxLength: 60 })
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never

interface World {
  cluster: TopicCluster
  broker: MemoryBroker
  owners: Owners
  /** One pass, with every rule checked. */
  pass(name: string, death?: Death): Promise<void>
}

function world(): World {
  const cluster = topicCluster()
  const broker = memoryBroker({ brokers: 2 })
  const owners = new Owners()
  const logger = pino({ enabled: false })
  const context = { kafkaCluster: OURS, now: () => 0, logger }
  return {
    cluster,
    broker,
    owners,
    async pass(name, death) {
      const before = { all: cluster.list('KafkaTopic'), topics: structuredClone(broker.topics) }
      owners.keep(before.all)
      broker.writes.length = 0
      const world = death ? mortal(cluster, broker, death) : { cluster, broker }
      const over = topicReconciler({ ...context, ...world })({ namespace: 'kafka', name })
      await (death ? over.catch(() => {}) : over)
      const object = before.all.find(({ metadata }) => metadata.name === name)
      for (const write of broker.writes) assertAllowed(write, object, before)
      if (object) assertOwned(before.topics, { broker, owners }, object)
      assertKept(before.topics, broker, object)
    },
  }
}

const annotated = (object: KafkaTopic, key: string) => object.metadata.annotations?.[`strimzi.io/${key}`]
const labelled = (object: KafkaTopic) => object.metadata.labels?.['strimzi.io/cluster'] === OURS
const claimed = ({ status, spec, metadata }: KafkaTopic) =>
  status?.topicName ?? spec.topicName ?? metadata.name

interface Before {
  all: readonly KafkaTopic[]
  topics: ReadonlyMap<string, BrokerTopic>
}

function assertAllowed({ kind, topic }: Write, object: KafkaTopic | undefined, { all, topics }: Before) {
  assert(object, 'no object, no write')
  assert(labelled(object), 'an object of another cluster, or of none, was served')
  assert.notEqual(annotated(object, 'managed'), 'false', 'a released topic was touched')
  assert.equal(topic, claimed(object), 'a topic of another object was touched')
  assert(!topic.startsWith('__'), "Kafka's own topic was touched")
  const gone = object.metadata.deletionTimestamp !== undefined
  assert.equal(kind === 'delete', gone, 'a topic goes with its object, and only then')
  assert(gone || annotated(object, 'pause-reconciliation') !== 'true', 'a paused topic was changed')
  const rivals = all.filter(
    (other) => labelled(other) && annotated(other, 'managed') !== 'false' && claimed(other) === topic,
  )
  const settled = rivals.filter(({ status }) => status?.topicName === topic)
  const { topicId } = topics.get(topic) ?? {}
  const named = settled.filter(({ status }) => topicId !== undefined && status?.topicId === topicId)
  const expected = [named, settled].find(({ length }) => length > 0) ?? rivals
  assert.equal(
    object.metadata.name,
    expected.map(({ metadata }) => metadata.name).sort()[0],
    'not the holder',
  )
}

/** Only what an object made is changed or deleted for it, and what it was allowed to take over. */
function assertOwned(
  before: ReadonlyMap<string, BrokerTopic>,
  { broker, owners }: Pick<World, 'broker' | 'owners'>,
  object: KafkaTopic,
) {
  const { name } = object.metadata
  const topic = claimed(object)
  if (object.metadata.annotations?.['clickstream.dev/adopt'] === 'true') owners.add(topic, name)
  for (const { kind } of broker.writes) {
    if (kind === 'create' && !before.has(topic)) owners.add(topic, name)
    const isThere = kind === 'delete' ? before.has(topic) : kind !== 'create'
    if (isThere) assert(owners.has(topic, name), `${kind} of ${topic}, which ${name} did not make`)
  }
}

function assertKept(
  before: ReadonlyMap<string, BrokerTopic>,
  { topics }: MemoryBroker,
  object: KafkaTopic | undefined,
) {
  for (const [name, was] of before) {
    const is = topics.get(name)
    if (is) assert(is.partitions >= was.partitions, `${name} lost partitions`)
    else assert(object?.metadata.deletionTimestamp, `${name} was deleted and its object was not`)
  }
}

async function play({ cluster, broker, owners, pass }: World, action: Action): Promise<void> {
  if (action.kind === 'pass') return pass(action.name)
  if (action.kind === 'death') return pass(action.name, action)
  if (action.kind === 'remove') return cluster.remove({ namespace: 'kafka', name: action.name })
  if (action.kind === 'put') return cluster.put(object(action))
  if (action.kind === 'kafka') {
    broker.fault = action.away ? new Error('away') : undefined
    return
  }
  if (action.found) {
    broker.topics.set(action.topic, structuredClone(action.found))
    owners.lose(action.topic)
  } else broker.topics.delete(action.topic)
}

function object({ name, ...put }: Extract<Action, { kind: 'put' }>): KafkaTopic {
  const { cluster, topicName, partitions, replicas, config } = put
  return kafkaTopic(name, {
    cluster,
    annotations: {
      ...(put.released && { 'strimzi.io/managed': 'false' }),
      ...(put.adopts && { 'clickstream.dev/adopt': 'true' }),
      ...(put.paused && { 'strimzi.io/pause-reconciliation': 'true' }),
    },
    spec: {
      config,
      ...(topicName !== undefined && { topicName }),
      ...(partitions !== undefined && { partitions }),
      ...(replicas !== undefined && { replicas }),
    },
  })
}

test('in any history nothing is shrunk, and nothing is touched that is released, paused or made by somebody else', async () => {
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      const w = world()
      for (const step of history) await play(w, step)
    }),
    { numRuns },
  )
})

test('after any history passes come to rest: a further one writes nothing anywhere, and no refusal is silent', async () => {
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      const w = world()
      for (const step of history) await play(w, step)
      w.broker.fault = undefined
      const round = async () => {
        const writes: Write[] = []
        for (const name of ['a', 'b', 'c']) {
          await w.pass(name)
          writes.push(...w.broker.writes)
        }
        return writes
      }
      for (let n = 0; n < 4; n++) await round()
      w.cluster.writes.length = 0
      const writes = await round()
      // A creation that Kafka refuses is asked for again.
      const again = writes.filter(({ kind, topic }) => kind !== 'create' || w.broker.topics.has(topic))
      assert.deepEqual(again, [])
      assert.deepEqual(w.cluster.writes, [])
      for (const topic of w.cluster.list('KafkaTopic').filter(labelled)) assertTold(topic, w.broker)
    }),
    { numRuns },
  )
})

/** What a user reads in the status is what is so. */
function assertTold(topic: KafkaTopic, { topics }: MemoryBroker): void {
  const [condition, ...others] = topic.status?.conditions ?? []
  assert(condition)
  assert.deepEqual(others, [])
  if (condition.type !== 'Ready' || condition.status !== 'True') return
  const { partitions, replicas, config = {} } = topic.spec
  const found = topics.get(claimed(topic))
  assert.equal(topic.status?.topicId, found?.topicId)
  assert.equal(partitions ?? found?.partitions, found?.partitions)
  assert.equal(replicas ?? found?.replicas, found?.replicas)
  assert.deepEqual(found?.config, Object.fromEntries(Object.entries(config).map(([k, v]) => [k, String(v)])))
}
