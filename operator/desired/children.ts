import type { Deployment, KafkaTopic, Service } from '../api/kubernetes.ts'
import type { Pipeline } from '../api/pipeline.ts'
import type { Role } from '../../runtime/settings.ts'
import { consumer, type DeploymentContext, processor, producer } from './deployments.ts'
import { consumerService } from './service.ts'
import { type TopicRole, topics } from './topics.ts'

/** A pipeline's children as they shall be. */
export interface Children {
  topics: Record<TopicRole, KafkaTopic>
  deployments: Record<Role, Deployment>
  service: Service
}

/** All children of a pipeline. `topicVersion` is the version of KafkaTopic that the cluster serves. */
export const children = (
  pipeline: Pipeline,
  { topicVersion, ...context }: DeploymentContext & { topicVersion: string },
): Children => ({
  topics: topics(pipeline, topicVersion),
  deployments: {
    producer: producer(pipeline, context),
    processor: processor(pipeline, context),
    consumer: consumer(pipeline, context),
  },
  service: consumerService(pipeline),
})
