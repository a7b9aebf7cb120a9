import type { Deployment, KafkaTopic, Service } from '../api/kubernetes.ts'
import type { Pipeline } from '../api/pipeline.ts'
import { reasons, type Reason } from '../api/status.ts'
import type { Children } from '../desired/children.ts'
import { clusterLabel } from '../desired/names.ts'
import { topicOrder, type TopicRole } from '../desired/topics.ts'
import { roles } from '../../runtime/settings.ts'
import { differs, stamped } from './difference.ts'
import { childOwner, nameInKafka, type Observed, type Owner, topicOwner } from './observed.ts'
import { topicReadiness } from './readiness.ts'
import { precedes } from './rivals.ts'

/** Something in the way. What it holds back is not done; what runs goes on. */
export interface Block {
  reason: Reason
  message: string
  /** True when only a person can clear it. */
  stalled: boolean
  /** True when it holds back pods alone: what topics wait for comes first. */
  podsOnly?: true
}

/** An object to apply. */
export type Step = KafkaTopic | Deployment | Service

/** What to do now, and what is in the way of more. */
export interface Plan {
  steps: Step[]
  blocks: Block[]
}

/**
 * The steps from what is to what shall be: topics first, pods when every topic is ready at its generation.
 * A plan takes away nothing that runs, unless the pipeline is suspended.
 */
export const plan = (pipeline: Pipeline, desired: Children, observed: Observed): Plan => {
  const inTopics = [...rivalries(observed), ...topicConflicts(desired, observed)]
  const inPods = podConflicts(pipeline, observed)
  const halt = pipeline.spec.suspend ? planHalt(pipeline, desired, observed) : []
  if (observed.topicVersion === undefined) return { steps: halt, blocks: [topicKindMissing, ...inPods] }
  if (inTopics.length > 0) return { steps: halt, blocks: [...inTopics, ...inPods] }
  const topics = planTopics(desired, observed)
  const waiting =
    topics.steps.length > 0 || topics.blocks.length > 0 || !allReady(observed, topicOrder, desired)
  if (waiting) return { steps: [...topics.steps, ...halt], blocks: [...topics.blocks, ...inPods] }
  return { steps: planPods(pipeline, desired, observed), blocks: inPods }
}

const topicKindMissing: Block = {
  reason: 'TopicKindMissing',
  message: reasons.TopicKindMissing,
  stalled: true,
}

const topicConflicts = (desired: Children, { pipeline, topics }: Observed): Block[] => [
  ...topicOrder.flatMap((role) => conflict(topics[role], (topic) => topicOwner(pipeline, topic))),
  ...topicOrder.flatMap((role) => shrinks(desired.topics[role], topics[role])),
]

/** The older of two pipelines with the same topics in the same Kafka has them. */
const rivalries = ({ pipeline, rivals }: Observed): Block[] =>
  rivals
    .filter((rival) => precedes(rival, pipeline))
    .map(({ metadata: { namespace, name } }) => ({
      reason: 'Conflict',
      message:
        `ClickstreamPipeline ${name} in namespace ${namespace} is older and has the same topics and groups in the ` +
        'same Kafka, so nothing was applied: give this pipeline another name, or another Kafka',
      stalled: true,
    }))

const podConflicts = (pipeline: Pipeline, { deployments, service }: Observed): Block[] =>
  [...roles.map((role) => deployments[role]), service]
    .flatMap((child) => conflict(child, (object) => childOwner(pipeline, object)))
    .map((block) => ({ ...block, podsOnly: true }))

const conflict = <T extends Step>(object: T | undefined, ownerOf: (object: T) => Owner): Block[] => {
  if (object === undefined) return []
  const owner = ownerOf(object)
  const what = `${object.kind} ${object.metadata.name}`
  if (owner === 'Former') {
    const message = `${what} of a deleted pipeline with this name is still being removed`
    return [{ reason: 'Progressing', message, stalled: false }]
  }
  if (owner === 'Ours') return []
  if (owner === 'Moved') return [{ reason: 'NameConflict', message: leftBehind(object), stalled: true }]
  if (owner === 'Renamed') return [{ reason: 'NameConflict', message: renamed(object), stalled: true }]
  const message =
    `${what} exists and does not belong to this pipeline, so it was left alone: ` +
    'delete or rename it, or give the pipeline another name'
  return [{ reason: 'NameConflict', message, stalled: true }]
}

const leftBehind = ({ metadata: { name, labels = {} } }: Step): string =>
  `KafkaTopic ${name} was left by a deleted pipeline of this name on another Kafka (${clusterLabel}=` +
  `${labels[clusterLabel] ?? ''}), so nothing was applied: give this pipeline another name, or make it on that Kafka, or ` +
  `delete KafkaTopic ${name}: its data go with it, unless it is annotated strimzi.io/managed=false before`

const renamed = (object: Step): string => {
  const { name } = object.metadata
  const other = object.kind === 'KafkaTopic' ? nameInKafka(object) : name
  return (
    `KafkaTopic ${name} is of the topic ${other} in Kafka, so it was left alone: give this pipeline another name, or delete ` +
    `KafkaTopic ${name}: the data of ${other} go with it, unless it is annotated strimzi.io/managed=false before`
  )
}

/**
 * A topic kept from before may have more partitions than the spec: they would have to go, and so would their data. One
 * that somebody else made may have no spec at all.
 */
const shrinks = (wanted: KafkaTopic, observed: KafkaTopic | undefined): Block[] => {
  const [to = 0, from = 0] = [wanted.spec.partitions, observed?.spec?.partitions]
  if (to >= from) return []
  const message =
    `topic ${wanted.metadata.name} has ${from} partitions and cannot shrink to ${to}: ` +
    `set its partitions in the spec to ${from}, or delete KafkaTopic ${wanted.metadata.name} and its data first`
  return [{ reason: 'InvalidSpec', message, stalled: true }]
}

/** The topics to apply. The events topic grows last: a task writes panes and dead letters where its events are. */
const planTopics = (desired: Children, observed: Observed): Plan => {
  const changed = topicOrder.filter((role) => {
    const topic = observed.topics[role]
    return topic === undefined || differs(desired.topics[role], topic)
  })
  const events = observed.topics.events
  const grows =
    events !== undefined && (events.spec?.partitions ?? 0) < (desired.topics.events.spec.partitions ?? 0)
  const downstream = topicOrder.filter((role) => role !== 'events')
  const held = grows && (changed.length > 1 || !allReady(observed, downstream, desired))
  const steps = changed
    .filter((role) => !held || role !== 'events')
    .map((role) => asSeen(stamped(desired.topics[role]), observed.topics[role]))
  const block: Block = { reason: 'TopicsGrowing', message: reasons.TopicsGrowing, stalled: false }
  return { steps, blocks: held ? [block] : [] }
}

const allReady = (observed: Observed, among: readonly TopicRole[], desired: Children): boolean =>
  among.every((role) => topicReadiness({ role, wanted: desired.topics[role] }, observed.topics[role]).ready)

/** A suspended pipeline stops what runs, whatever its topics are like. */
const planHalt = (pipeline: Pipeline, desired: Children, observed: Observed): Step[] =>
  planPods(pipeline, desired, observed).filter(
    ({ kind, metadata }) =>
      kind === 'Deployment' &&
      roles.some((role) => observed.deployments[role]?.metadata.name === metadata.name),
  )

/** The pods' objects to apply; one that is not ours is left alone and keeps no other from being put right. */
const planPods = (pipeline: Pipeline, desired: Children, observed: Observed): Step[] => [
  ...toApply(pipeline, desired.service, observed.service),
  ...roles.flatMap((role) => {
    const actual = observed.deployments[role]
    const steps = toApply(pipeline, desired.deployments[role], actual)
    // A step that repeats the number of pods is refused when an autoscaler has changed it since.
    return pipeline.spec[role].autoscaled ? steps.map((step) => asSeen(step, actual)) : steps
  }),
]

const toApply = <T extends Deployment | Service>(
  pipeline: Pipeline,
  wanted: T,
  actual: T | undefined,
): T[] => {
  const isForeign = actual !== undefined && childOwner(pipeline, actual) !== 'Ours'
  return isForeign || (actual !== undefined && !differs(wanted, actual))
    ? []
    : [bound(stamped(wanted), actual)]
}

/** The step for just the object that was looked at; without one it makes one, and what came meanwhile is left alone. */
const bound = <T extends Step>(step: T, actual: T | undefined): T => {
  const uid = actual?.metadata.uid
  return uid === undefined ? step : { ...step, metadata: { ...step.metadata, uid } }
}

/** The same, refused when the object has changed since: its labels may have made a topic somebody else's. */
const asSeen = <T extends Step>(step: T, actual: T | undefined): T => {
  const resourceVersion = actual?.metadata.resourceVersion
  const same = bound(step, actual)
  return resourceVersion === undefined ? same : { ...same, metadata: { ...same.metadata, resourceVersion } }
}
