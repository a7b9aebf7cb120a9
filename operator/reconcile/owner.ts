import type { Key, KubernetesObject, PipelineObject } from '../api/kubernetes.ts'
import type { Cluster } from './cluster.ts'

/**
 * The pipeline that a change of an object concerns: itself, or the one whose child has this name, whatever labels and owners
 * say, as children are looked up by their names. A name that fits nothing costs an empty pass.
 */
const pipelineOf = ({ kind, metadata: { name, namespace } }: KubernetesObject): Key | undefined => {
  const pipeline = kind === 'ClickstreamPipeline' ? name : childSuffix.exec(name)?.[1]
  return pipeline === undefined ? undefined : { namespace, name: pipeline }
}

const childSuffix = /^(.+)-(?:producer|processor|consumer|events|panes|metrics|dlq)$/

/** Whether a pass may read the object: all but pipelines are looked up by the names of children. */
export const isRead = ({ kind, metadata }: KubernetesObject): boolean =>
  kind === 'ClickstreamPipeline' || childSuffix.test(metadata.name)

/**
 * The pipelines whose turn a change may have brought: the one it concerns, and those of the same name in other
 * namespaces when a pipeline came, went, or was edited, since they may want the same topics.
 */
export const concerned = (object: KubernetesObject, cluster: Pick<Cluster, 'get' | 'list'>): Key[] => {
  const key = pipelineOf(object)
  if (key === undefined) return []
  if (!isPipeline(object) || isReported(object, cluster)) return [key]
  const namesakes = cluster.list('ClickstreamPipeline').map(({ metadata }) => metadata)
  return [key, ...namesakes.filter(({ name, namespace }) => name === key.name && namespace !== key.namespace)]
}

const isPipeline = (object: KubernetesObject): object is PipelineObject =>
  object.kind === 'ClickstreamPipeline'

/** Whether a pipeline is there and its status is of its newest generation: then this change was no edit. */
const isReported = ({ metadata, status }: PipelineObject, cluster: Pick<Cluster, 'get'>): boolean =>
  cluster.get('ClickstreamPipeline', metadata) !== undefined &&
  status?.['observedGeneration'] === metadata.generation
