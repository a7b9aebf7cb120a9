import type { Key, KubernetesObject } from '../api/kubernetes.ts'
import { pipelineLabel } from '../desired/names.ts'

/**
 * The pipeline that a change of an object concerns: itself, its owner, or the one whose label it has or, since
 * labels can be torn off by hand, the one whose child has this name. A name that fits nothing costs an empty pass.
 */
export const pipelineOf = ({ kind, metadata }: KubernetesObject): Key | undefined => {
  const { name, namespace, labels = {}, ownerReferences = [] } = metadata
  if (kind === 'ClickstreamPipeline') return { namespace, name }
  const owner = ownerReferences.find((reference) => reference.kind === 'ClickstreamPipeline')
  const pipeline = owner?.name ?? labels[pipelineLabel] ?? childSuffix.exec(name)?.[1]
  return pipeline === undefined ? undefined : { namespace, name: pipeline }
}

const childSuffix = /^(.+)-(?:producer|processor|consumer|events|panes|metrics|dlq)$/
