import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import type { KafkaTopic } from '../api/kubernetes.ts'
import type { FakeCluster } from '../testing/cluster.ts'
import { begin, happen, lateHistories, seenHistories, type Told } from '../testing/history.ts'
import { kstatus } from '../testing/kstatus.ts'
import { deployments, key, topics } from '../testing/world.ts'
import { ClusterFault } from './cluster.ts'

/** HISTORIES says how many; a failure tells the seed and the smallest history that fails. */
const runs = (short: number): number => Number(process.env['HISTORIES'] ?? short)
const at = (name: string) => ({ namespace: 'shop', name })

/** Whether the pass came to its end, its status written. */
const passes = async ({ pass }: Told): Promise<boolean> => {
  try {
    await pass()
    return true
  } catch (error) {
    if (error instanceof ClusterFault || error instanceof AggregateError) return false
    throw error
  }
}

/** Three passes, with a cluster that does what it is asked. */
const settle = async (on: Told): Promise<void> => {
  for (let turn = 0; turn < 3; turn += 1) {
    await passes(on)
    happen(on, { verb: 'satisfy' })
  }
}

const isCurrent = (cluster: FakeCluster): boolean => {
  const pipeline = cluster.get('ClickstreamPipeline', key)
  return pipeline !== undefined && kstatus(pipeline) === 'Current'
}

const childrenNotCurrent = (cluster: FakeCluster): string[] => {
  const children = [
    ...topics.map((name) => ({ name, object: cluster.get('KafkaTopic', at(name)) })),
    ...deployments.map((name) => ({ name, object: cluster.get('Deployment', at(name)) })),
    { name: 'Service', object: cluster.get('Service', at('clickstream-consumer')) },
  ]
  return children
    .filter(({ object }) => object === undefined || kstatus(object) !== 'Current')
    .map(({ name }) => name)
}

/** Lives so many random histories; `look` is called after each thing that happens. */
const live = (numRuns: number, look: (on: Told) => Promise<void>): Promise<void> =>
  fc.assert(
    fc.asyncProperty(seenHistories(25), async ({ first, actions }) => {
      const on = begin(first)
      await settle(on)
      for (const action of actions) {
        happen(on, action)
        await look(on)
      }
    }),
    { numRuns },
  )

test('kstatus never takes a pipeline for Current while a child is not, nor after an edit that no pass has seen', async () => {
  const numRuns = runs(100)
  let current = 0
  await live(numRuns, async (on) => {
    const pipeline = on.cluster.get('ClickstreamPipeline', key)
    const { generation } = pipeline?.metadata ?? {}
    // A real API server fills in -1 before the first pass.
    const { observedGeneration = generation } = pipeline?.status ?? {}
    if (observedGeneration !== generation) assert.ok(!isCurrent(on.cluster))
    on.cluster.writes.length = 0
    const isOver = await passes(on)
    // A pass in which a step failed writes its status all the same; the one whose status was refused leaves the old one.
    const { status } = on.cluster.get('ClickstreamPipeline', key) ?? {}
    const isTried = on.cluster.writes.some((line) => line.startsWith('status'))
    const isRefused = isTried && isDeepStrictEqual(status, pipeline?.status)
    if ((!isOver && isRefused) || !isCurrent(on.cluster)) return
    current += 1
    assert.deepEqual(childrenNotCurrent(on.cluster), [])
  })
  assert.ok(current > numRuns / 10, `only ${current} moments at which the pipeline was Current`)
})

/** Makes a pass, and gives how long nothing will be to do, in milliseconds. */
const calmFor = async ({ pass }: Told): Promise<number> => {
  const outcome = await pass().catch(() => undefined)
  return outcome?.kind === 'wait' ? outcome.after : 0
}

test('a second in which nothing happens makes no write, whatever happened before', async () => {
  const numRuns = runs(40)
  let calm = 0
  await live(numRuns, async (on) => {
    // Partitions grow topic by topic, and processors stop once the verdict on their data is written.
    for (let turn = 0; turn < 5; turn += 1) await passes(on)
    if ((await calmFor(on)) <= 1_000) return
    calm += 1
    on.elapse(1_000)
    on.cluster.writes.length = 0
    await on.pass()
    assert.deepEqual(on.cluster.writes, [])
  })
  assert.ok(calm > numRuns, `only ${calm} moments of calm`)
})

/** Judges each write that was done to a topic by what the topic was at that moment. */
const guard = ({ cluster, foreign }: Told): string[] => {
  const faults: string[] = []
  const { apply, delete: remove } = cluster
  cluster.apply = async (object) => {
    const { kind, metadata, spec } = object as KafkaTopic
    const before = kind === 'KafkaTopic' ? cluster.live.get('KafkaTopic', metadata) : undefined
    const answer = await apply(object)
    if (before !== undefined && foreign.has(metadata.name)) faults.push(`${metadata.name} adopted`)
    if ((before?.spec.partitions ?? 0) > (spec?.partitions ?? 0)) faults.push(`${metadata.name} shrunk`)
    return answer
  }
  cluster.delete = async (kind, of, seen) => {
    const pipeline = cluster.live.get<'ClickstreamPipeline'>('ClickstreamPipeline', key)
    const isEnding = pipeline === undefined || pipeline.metadata.deletionTimestamp !== undefined
    const isThere = cluster.live.get(kind, of) !== undefined
    await remove(kind, of, seen)
    if (!isThere) return
    if (kind === 'KafkaTopic' && foreign.has(of.name)) faults.push(`${of.name} of somebody else deleted`)
    if (kind === 'KafkaTopic' && !isEnding) faults.push(`${of.name} deleted though its pipeline stays`)
  }
  return faults
}

/** The Topic Operator has its finalizer on our topics, and is dead. */
const holdTopics = ({ cluster, foreign }: Told): void => {
  const finalizers = ['strimzi.io/topic-operator']
  for (const { apiVersion, kind, metadata } of cluster.live.list('KafkaTopic')) {
    if (!foreign.has(metadata.name)) {
      cluster.put({ apiVersion, kind, metadata: { ...at(metadata.name), finalizers } })
    }
  }
}

test('no topic of somebody else is changed or deleted, no topic shrinks, and a deletion is over within five minutes', async () => {
  await fc.assert(
    fc.asyncProperty(lateHistories(12), async ({ first, actions }) => {
      const on = begin(first)
      const faults = guard(on)
      for (const action of actions) {
        happen(on, action)
        if (action.verb !== 'lag') await passes(on)
      }
      holdTopics(on)
      on.cluster.remove('ClickstreamPipeline', key)
      await passes(on)
      on.cluster.catchUp()
      on.elapse(250_000)
      for (let tries = 0; tries < actions.length; tries += 1) await passes(on)
      await passes(on)
      assert.equal(on.cluster.get('ClickstreamPipeline', key), undefined)
      assert.deepEqual(faults, [])
    }),
    { numRuns: runs(150) },
  )
})
