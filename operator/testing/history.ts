import * as fc from 'fast-check'
import type { Deployment } from '../api/kubernetes.ts'
import { ClusterFault, type Kind } from '../reconcile/cluster.ts'
import { availableStatus } from './pipelines.ts'
import { type AnySpec, asEditOf, validSpecs } from './specs.ts'
import { aReading } from './summary.ts'
import { deployments, key, satisfyDeployments, satisfyTopics, topics, world, type World } from './world.ts'

/** Random histories of a pipeline: edits, hand edits, faults, and what the controllers of its children report. */

const child = fc.constantFrom(...topics, ...deployments)
const topic = fc.constantFrom(...topics)
const few = fc.integer({ min: 0, max: 3 })
/** What of a report differs from that of a Deployment whose pods are all available. */
const deploymentStatus = fc.oneof(
  fc.record({ observedGeneration: fc.constant(0) }),
  ...['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas'].map((name) =>
    few.map((count) => ({ [name]: count })),
  ),
  fc.record({ available: fc.constant('False') }),
  fc.record({ progress: fc.constantFrom('ReplicaSetUpdated', 'ProgressDeadlineExceeded') }),
)
interface Difference extends NonNullable<Deployment['status']> {
  available?: string
  progress?: string
}
const topicStatus = fc.record({
  lag: fc.integer({ min: 0, max: 1 }),
  ready: fc.constantFrom('True', 'False', 'Unknown'),
})
const as = <V extends string, A extends object>(verb: V, rest: fc.Arbitrary<A>) =>
  rest.map((given) => ({ verb, ...given }))
const nothing = fc.constant({})

const visible = fc.oneof(
  as('edit', fc.record({ spec: validSpecs })),
  as('misedit', nothing),
  { weight: 8, arbitrary: as('satisfy', nothing) },
  as('reportTopic', fc.record({ name: topic, status: topicStatus })),
  as('reportPods', fc.record({ name: fc.constantFrom(...deployments), status: deploymentStatus })),
  as('lose', fc.record({ name: child })),
  as('handEdit', fc.record({ name: child, number: few })),
  as(
    'seize',
    fc.record({
      name: topic,
      how: fc.constantFrom('replace' as const, 'relabel' as const, 'own' as const),
      partitions: fc.integer({ min: 1, max: 9 }),
    }),
  ),
  as(
    'fail',
    fc.record({ line: fc.constantFrom('apply KafkaTopic', 'apply Deployment', 'status', 'delete') }),
  ),
  { weight: 2, arbitrary: as('yield', nothing) },
  as('serve', fc.record({ version: fc.constantFrom('v1' as const, 'v1beta2' as const, undefined) })),
  as('wait', fc.record({ minutes: fc.constantFrom(1, 20, 600) })),
  as(
    'hear',
    fc.record({ lag: fc.constantFrom(0, 7, null), halted: fc.constantFrom(null, 'a position is lost') }),
  ),
  as('remove', nothing),
)

/** Every kind has a watch of its own. */
const children: Kind[] = ['KafkaTopic', 'Deployment', 'Service']
const silences: Kind[][] = [['KafkaTopic'], children, ['ClickstreamPipeline', ...children]]

/** What others do on the API server, and caches do not show. */
const silence = fc.oneof(
  as('lag', fc.record({ kinds: fc.constantFrom(...silences) })),
  as('usurp', fc.record({ name: topic, partitions: fc.integer({ min: 1, max: 9 }) })),
  as('catchUp', nothing),
)

type Random<A> = A extends fc.Arbitrary<infer T> ? T : never
type Action = Random<typeof visible> | Random<typeof silence>

export interface History {
  first: AnySpec
  actions: Action[]
}

const histories =
  (action: fc.Arbitrary<Action>) =>
  (maxLength: number): fc.Arbitrary<History> =>
    fc.record({ first: validSpecs, actions: fc.array(action, { minLength: 1, maxLength }) })

/** Histories that the operator sees as they happen. */
export const seenHistories = histories(visible)

/** Histories whose changes it may see late. */
export const lateHistories = histories(
  fc.oneof({ weight: 3, arbitrary: visible }, { weight: 1, arbitrary: silence }),
)

/** A history under way. */
export interface Told extends World {
  /** KafkaTopics that somebody else made, or took over. */
  foreign: Set<string>
  /** The spec that was put last, undefined while the pipeline is gone. */
  spec: AnySpec | undefined
}

export const begin = (first: AnySpec): Told => ({ ...world(first), foreign: new Set(), spec: first })

/** What happens next. */
export const happen = (on: Told, action: Action): void => {
  const { cluster } = on
  switch (action.verb) {
    case 'edit': {
      const isThere = cluster.live.get('ClickstreamPipeline', key) !== undefined && on.spec !== undefined
      on.spec = isThere && on.spec ? asEditOf(on.spec, action.spec) : action.spec
      return void on.put(on.spec)
    }
    case 'misedit':
      return void (on.spec && on.put({ ...on.spec, processor: { replicas: 99 } }))
    case 'satisfy':
      for (const name of topics) if (cluster.live.get('KafkaTopic', at(name)) === undefined) return
      satisfyTopics(cluster)
      return satisfyDeployments(cluster)
    case 'reportTopic':
      return reportTopic(on, action)
    case 'reportPods':
      return reportPods(on, action)
    case 'lag':
      return cluster.lag(...action.kinds)
    case 'usurp':
      return usurp(on, action)
    case 'catchUp':
      return cluster.catchUp()
    case 'yield':
      for (const name of on.foreign) cluster.remove('KafkaTopic', at(name))
      cluster.serve('v1')
      return on.foreign.clear()
    case 'lose':
      on.foreign.delete(action.name)
      return cluster.remove(kindOf(action.name), at(action.name))
    case 'handEdit':
      return handEdit(on, action)
    case 'seize':
      return seize(on, action)
    case 'fail':
      return cluster.fail(action.line, new ClusterFault('as planned', { reason: 'Unavailable', retry: true }))
    case 'serve':
      return cluster.serve(action.version)
    case 'wait':
      return void on.elapse(action.minutes * 60_000)
    case 'hear':
      return on.see(aReading(on.elapse(20_000), { lag: action.lag, halted: action.halted }))
    case 'remove':
      return cluster.remove('ClickstreamPipeline', key)
  }
}

type Of<V extends Action['verb']> = Extract<Action, { verb: V }>

const at = (name: string) => ({ namespace: 'shop', name })
const kindOf = (name: string) => (topics.includes(name) ? 'KafkaTopic' : 'Deployment')

const reportTopic = ({ cluster }: Told, { name, status: { lag, ready } }: Of<'reportTopic'>): void => {
  const generation = cluster.live.get('KafkaTopic', at(name))?.metadata.generation
  if (generation === undefined) return
  const conditions = [{ type: 'Ready', status: ready, reason: 'KafkaError' }]
  cluster.report('KafkaTopic', at(name), { observedGeneration: generation - lag, conditions })
}

const reportPods = ({ cluster }: Told, { name, status }: Of<'reportPods'>): void => {
  const deployment = cluster.live.get('Deployment', at(name))
  if (deployment === undefined) return
  const { available, progress, ...counts }: Difference = status
  const well = availableStatus(deployment)
  const conditions = [
    { type: 'Available', status: available ?? 'True' },
    {
      type: 'Progressing',
      status: progress === 'ProgressDeadlineExceeded' ? 'False' : 'True',
      reason: progress ?? 'NewReplicaSetAvailable',
    },
  ]
  cluster.report('Deployment', at(name), { ...well, ...counts, conditions })
}

/** Somebody changes a number of a child by hand. */
const handEdit = ({ cluster }: Told, { name, number }: Of<'handEdit'>): void => {
  const kind = kindOf(name)
  const found = cluster.live.get<'KafkaTopic' | 'Deployment'>(kind, at(name))
  if (found === undefined) return
  const spec = kind === 'Deployment' ? { replicas: number } : { partitions: 5 + number }
  cluster.put({ apiVersion: found.apiVersion, kind, metadata: at(name), spec })
}

/** Somebody makes a topic with one of our names, in the place of ours, or by taking its labels off, or by owning it. */
const seize = ({ cluster, foreign }: Told, { name, how, partitions }: Of<'seize'>): void => {
  const labels = { 'clickstream.dev/pipeline': 'other', 'app.kubernetes.io/managed-by': 'other' }
  const owner = { apiVersion: 'v1', kind: 'Other', name: 'x', uid: 'uid-of-another', controller: true }
  if (how === 'replace') cluster.remove('KafkaTopic', at(name))
  if (how === 'own' && cluster.live.get('KafkaTopic', at(name)) === undefined) return
  const metadata = { ...at(name), ...(how === 'own' ? { ownerReferences: [owner] } : { labels }) }
  const apiVersion = cluster.live.get('KafkaTopic', at(name))?.apiVersion ?? 'kafka.strimzi.io/v1'
  const spec = how === 'replace' ? { spec: { partitions } } : {}
  // A manager of its own: what the same one leaves out of a later edit would go.
  cluster.put({ apiVersion, kind: 'KafkaTopic', metadata, ...spec }, how === 'own' ? 'owner' : 'user')
  foreign.add(name)
}

/** A topic of ours is deleted, which is seen, and somebody makes one of its name, which is not. */
const usurp = (on: Told, { name, partitions }: Of<'usurp'>): void => {
  on.cluster.remove('KafkaTopic', at(name))
  on.cluster.lag('KafkaTopic')
  seize(on, { verb: 'seize', name, how: 'replace', partitions })
}
