import type { PipelineObject } from '../api/kubernetes.ts'
import { kafkaOf } from '../api/pipeline.ts'

/**
 * Two pipelines are rivals when they have the same name and the same Kafka: then they have the same topics and groups
 * there. Within one namespace no two have the same name. The older one holds the topics.
 */

/** The pipelines among `all` that have the same topics and groups in the same Kafka. */
export const rivalsOf = (object: PipelineObject, all: readonly PipelineObject[]): PipelineObject[] => {
  const { name, namespace } = object.metadata
  const namesakes = all.filter(({ metadata }) => metadata.name === name && metadata.namespace !== namespace)
  if (namesakes.length === 0) return []
  const own = brokersOf(object)
  return namesakes.filter((other) => brokersOf(other).some((broker) => own.includes(broker)))
}

/** Whether a pipeline holds the topics rather than its rival. */
export const precedes = ({ metadata: a }: PipelineObject, { metadata: b }: PipelineObject): boolean => {
  const [ours = '', theirs = ''] = [a.creationTimestamp, b.creationTimestamp]
  return ours === theirs ? a.namespace < b.namespace : ours < theirs
}

/**
 * The addresses of a pipeline's brokers as `host:port`, of which one in common is enough. The short names of a Service mean
 * the one in the namespace of the pipeline: `kafka`, `kafka.shop`, `kafka.shop.svc` and `kafka.shop.svc.cluster.local` are
 * one address there.
 */
const brokersOf = (object: PipelineObject): string[] =>
  (kafkaOf(object)?.bootstrapServers ?? []).map((server) => {
    const [host = '', port = ''] = server.toLowerCase().split(':')
    const short = host.replace(/\.$/, '').replace(/\.svc(\.cluster\.local)?$/, '')
    return `${short.includes('.') ? short : `${short}.${object.metadata.namespace}`}:${port}`
  })
