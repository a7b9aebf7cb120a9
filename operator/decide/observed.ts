import type { Deployment, KafkaTopic, KubernetesObject, PipelineObject, Service } from '../api/kubernetes.ts'
import { kafkaOf, type Pipeline, previousTopics } from '../api/pipeline.ts'
import { clusterLabel, managedBy, managedByLabel, pipelineLabel } from '../desired/names.ts'
import type { TopicRole } from '../desired/topics.ts'
import type { Role } from '../../runtime/settings.ts'

/** A pipeline and its children as the cluster has them; absent is undefined. */
export interface Observed {
  pipeline: PipelineObject
  /** The version of KafkaTopic that the cluster serves, undefined where it serves none. */
  topicVersion: string | undefined
  topics: Partial<Record<TopicRole, KafkaTopic>>
  deployments: Partial<Record<Role, Deployment>>
  service: Service | undefined
  /** Other pipelines with the same topics and groups in the same Kafka. */
  rivals: readonly PipelineObject[]
}

/**
 * Whose an object with one of our names is. `Former` belongs to a deleted pipeline of the same name and is going; `Moved`
 * is a KafkaTopic that such a pipeline left behind on another Kafka; `Renamed` is one of a topic with another name there.
 */
export type Owner = 'Ours' | 'Former' | 'Moved' | 'Renamed' | 'Foreign'

/** What tells a pipeline from others of its namespace, also from one of its name that was deleted. */
type Identity = Pick<Pipeline, 'name' | 'uid'>

const controller = (object: KubernetesObject) =>
  object.metadata.ownerReferences?.find((reference) => reference.controller === true)

/** Whose a Deployment or Service is: told by its controller, or by our labels where it has none. */
export const childOwner = (pipeline: Identity, child: KubernetesObject): Owner => {
  const owner = controller(child)
  if (owner === undefined) return labelled(pipeline, child) ? 'Ours' : 'Foreign'
  if (owner.uid === pipeline.uid) return 'Ours'
  return owner.kind === 'ClickstreamPipeline' && owner.name === pipeline.name ? 'Former' : 'Foreign'
}

/**
 * Whose a KafkaTopic is: told by our labels, since topics may outlive their pipeline. Its Kafka is that of the pipeline
 * that made it: where another is named and our status knows the topic, its label was edited by hand.
 */
export const topicOwner = (object: PipelineObject, topic: KafkaTopic): Owner => {
  if (controller(topic) !== undefined || !labelled(object.metadata, topic)) return 'Foreign'
  if (nameInKafka(topic) !== topic.metadata.name) return 'Renamed'
  const isHere = topic.metadata.labels?.[clusterLabel] === kafkaOf(object)?.cluster
  return isHere || knows(object, topic) ? 'Ours' : 'Moved'
}

/** The topic in Kafka that a KafkaTopic manages, or asks for where no Topic Operator has seen it. It may have no spec at all. */
export const nameInKafka = ({ metadata, spec, status }: KafkaTopic): string =>
  status?.topicName ?? spec?.topicName ?? metadata.name

const knows = (object: PipelineObject, { metadata: { uid } }: KafkaTopic): boolean =>
  uid !== undefined && Object.values(previousTopics(object) ?? {}).some((topic) => topic?.uid === uid)

/** The same without Deployments that are not ours: how many pods they have is nothing that our status says. */
export const owned = (pipeline: Identity, observed: Observed): Observed => ({
  ...observed,
  deployments: Object.fromEntries(
    Object.entries(observed.deployments).filter(([, child]) => childOwner(pipeline, child) === 'Ours'),
  ),
})

/** Either label is enough, so that one removed by hand is put back rather than mourned. */
const labelled = (
  pipeline: Pick<Pipeline, 'name'>,
  { metadata: { labels = {} } }: KubernetesObject,
): boolean =>
  labels[pipelineLabel] === pipeline.name ||
  (labels[pipelineLabel] === undefined && labels[managedByLabel] === managedBy)
