import type { Deployment, KafkaTopic, KubernetesObject, PipelineObject, Service } from '../api/kubernetes.ts'
import type { Pipeline } from '../api/pipeline.ts'
import { managedBy, managedByLabel, pipelineLabel } from '../desired/names.ts'
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

/** Whose an object with one of our names is. `Former` belongs to a deleted pipeline of the same name and is going. */
export type Owner = 'Ours' | 'Former' | 'Foreign'

const controller = (object: KubernetesObject) =>
  object.metadata.ownerReferences?.find((reference) => reference.controller === true)

/** Whose a Deployment or Service is: told by its controller, or by our labels where it has none. */
export const childOwner = (pipeline: Pipeline, child: KubernetesObject): Owner => {
  const owner = controller(child)
  if (owner === undefined) return labelled(pipeline, child) ? 'Ours' : 'Foreign'
  if (owner.uid === pipeline.uid) return 'Ours'
  return owner.kind === 'ClickstreamPipeline' && owner.name === pipeline.name ? 'Former' : 'Foreign'
}

/** Whose a KafkaTopic is: told by our labels, since topics may outlive their pipeline. */
export const topicOwner = (pipeline: Pick<Pipeline, 'name'>, topic: KafkaTopic): Owner =>
  controller(topic) === undefined && labelled(pipeline, topic) ? 'Ours' : 'Foreign'

/** The same without Deployments that are not ours: how many pods they have is nothing that our status says. */
export const owned = (pipeline: Pipeline, observed: Observed): Observed => ({
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
