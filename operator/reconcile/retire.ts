import type { KubernetesObject, PipelineObject } from '../api/kubernetes.ts'
import { apiVersion } from '../api/crd.ts'
import type { Pipeline } from '../api/pipeline.ts'
import { childName, pipelineLabel } from '../desired/names.ts'
import { topicOwner } from '../decide/observed.ts'
import { topicNames } from '../../runtime/names.ts'
import { roles } from '../../runtime/settings.ts'
import type { Cluster, Kind, Outcome } from './cluster.ts'
import type { Recorder } from './recorder.ts'

/** Keeps a pipeline with deletionPolicy Delete in being until its topics are gone. */
export const topicsFinalizer = 'clickstream.dev/topics'

/** The longest a deletion waits for topics, so that a namespace can be deleted while the operator lives; milliseconds. */
const deadline = 240_000
const recheck = 5_000

interface RetireContext {
  cluster: Cluster
  now: () => number
  recorder: Recorder
}

/** Puts the finalizer on or off as the deletion policy says. */
export const keepFinalizer = async (
  cluster: Cluster,
  pipeline: Pipeline,
  object: PipelineObject,
): Promise<void> => {
  const has = object.metadata.finalizers?.includes(topicsFinalizer) === true
  const wants = pipeline.spec.deletionPolicy === 'Delete'
  if (has === wants) return
  const { name, namespace, uid } = pipeline
  if (!wants) return cluster.removeFinalizer('ClickstreamPipeline', pipeline, { uid, name: topicsFinalizer })
  await cluster.apply({
    apiVersion,
    kind: 'ClickstreamPipeline',
    metadata: { name, namespace, uid, finalizers: [topicsFinalizer] },
  })
}

/**
 * Ends a pipeline that is being deleted. Where the topics stay, which is what its spec says last, there is nothing to do:
 * Kubernetes deletes the Deployments. Else the pods go first, then the topics, then the finalizer.
 */
export const retire = async (
  { cluster, now, recorder }: RetireContext,
  object: PipelineObject,
): Promise<Outcome> => {
  const { name, namespace, uid = '', finalizers = [], deletionTimestamp = '' } = object.metadata
  if (!finalizers.includes(topicsFinalizer)) return { kind: 'done' }
  const left = takesTopics(object) ? [...pods(cluster, object), ...topics(cluster, object)] : []
  const doomed = left.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  if (doomed.some(isTopic)) {
    recorder.record(object, { type: 'Normal', reason: 'DeletingTopics', note: deleting })
  }
  const failures = await removeAll(cluster, doomed)
  const remaining = Date.parse(deletionTimestamp) + deadline - now()
  if (left.length === 0 || remaining < 0) {
    const orphans = left.filter(isTopic)
    if (orphans.length > 0) {
      recorder.record(object, { type: 'Warning', reason: 'TopicsLeft', note: leaving(orphans, failures) })
    }
    await cluster.removeFinalizer('ClickstreamPipeline', { name, namespace }, { uid, name: topicsFinalizer })
    return { kind: 'done' }
  }
  const because =
    failures.size > 1 ? new AggregateError(failures.values(), 'deletions failed') : [...failures.values()][0]
  // Its backoff may be longer than the deadline allows.
  return failures.size > 0
    ? { kind: 'retry', because, within: remaining + 1 }
    : { kind: 'wait', after: recheck }
}

/** A spec that cannot be read says Delete or it does not. */
const takesTopics = ({ spec }: PipelineObject): boolean =>
  typeof spec === 'object' && spec !== null && 'deletionPolicy' in spec && spec.deletionPolicy === 'Delete'

const isTopic = ({ kind }: KubernetesObject): boolean => kind === 'KafkaTopic'

/** One text for all: a pass that finds some of them still to be deleted tells the same again, which makes no new event. */
const deleting = 'deletionPolicy is Delete: the topics of the pipeline go, and the data in them'
const leaving = (topics: readonly Child[], failures: ReadonlyMap<Child, unknown>): string => {
  const named = (some: readonly Child[]) => some.map(({ metadata }) => metadata.name).join(', ')
  const [marked, refused] = [
    topics.filter((one) => !failures.has(one)),
    topics.filter((one) => failures.has(one)),
  ]
  const parts = [
    ...(marked.length > 0 ? [`which are marked for deletion: ${named(marked)}`] : []),
    ...(refused.length > 0 ? [`whose deletion was refused, delete them by hand: ${named(refused)}`] : []),
  ]
  return `the pipeline went before these topics, ${parts.join('; and before these, ')}`
}

type Child = KubernetesObject & { kind: Kind }

/** Deletes all; one that fails does not keep the others from being tried. Gives what failed, and why. */
const removeAll = async (cluster: Cluster, children: readonly Child[]): Promise<Map<Child, unknown>> => {
  const failures = new Map<Child, unknown>()
  const attempt = (child: Child) =>
    remove(cluster, child).catch((error: unknown) => void failures.set(child, error))
  await Promise.all(children.map(attempt))
  return failures
}

/** A topic goes only as it was seen: its labels, which say whose it is, may have changed since. */
const remove = (cluster: Cluster, child: Child): Promise<void> => {
  const { uid = '', resourceVersion } = child.metadata
  const isExact = isTopic(child) && resourceVersion !== undefined
  return cluster.delete(child.kind, child.metadata, { uid, ...(isExact && { resourceVersion }) })
}

const pods = (cluster: Cluster, { metadata }: PipelineObject) =>
  roles
    .map((role) =>
      cluster.get('Deployment', { namespace: metadata.namespace, name: childName(metadata, role) }),
    )
    .filter((child) => child !== undefined)
    .filter((child) => child.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) === true)

/** Only topics that carry this pipeline's label are ever deleted. */
const topics = (cluster: Cluster, object: PipelineObject) => {
  const { name: pipeline, namespace } = object.metadata
  return Object.values(topicNames(pipeline))
    .map((name) => cluster.get('KafkaTopic', { namespace, name }))
    .filter((topic) => topic !== undefined)
    .filter(
      (topic) => topicOwner(object, topic) === 'Ours' && topic.metadata.labels?.[pipelineLabel] === pipeline,
    )
}
