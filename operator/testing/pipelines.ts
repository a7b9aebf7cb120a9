import type { Deployment, KafkaTopic, PipelineObject } from '../api/kubernetes.ts'
import { apiVersion } from '../api/crd.ts'
import { parsePipeline, type Pipeline } from '../api/pipeline.ts'
import { children, type Children } from '../desired/children.ts'
import { scales } from '../desired/replicas.ts'
import { stamped } from '../decide/difference.ts'
import { type Facts, facts, type Told } from '../decide/conditions.ts'
import { fact } from '../decide/fact.ts'
import type { Observed } from '../decide/observed.ts'
import { plan } from '../decide/plan.ts'
import { podsOf } from '../decide/pods.ts'

/** Builders of pipelines and of what a cluster has of them; for tests only. */

export const pipelineObject = (spec: object = {}, metadata: object = {}): PipelineObject => ({
  apiVersion,
  kind: 'ClickstreamPipeline',
  metadata: {
    name: 'clickstream',
    namespace: 'shop',
    uid: 'uid-1',
    generation: 1,
    creationTimestamp: '2026-01-31T12:00:00Z',
    ...metadata,
  },
  spec: { kafka: { cluster: 'data-on-eks' }, ...spec },
})

export const pipeline = (spec: object = {}, metadata: object = {}): Pipeline => {
  const parsed = parsePipeline(pipelineObject(spec, metadata))
  if (!parsed.ok) throw new Error(parsed.faults.join('\n'))
  return parsed.pipeline
}

export const wanted = (of: Pipeline): Children =>
  children(of, {
    image: 'clickstream-runtime',
    topicVersion: 'v1',
    windowGeneration: of.generation,
    scales: scales(of, { stopped: new Set(), isSuspended: false, deployments: {} }),
  })

/** Said of a pipeline that is not suspended, and whose consumer was not asked. */
export const calm: Omit<Told, 'pods'> = {
  suspended: fact('False', 'NotSuspended'),
  flowing: fact('Unknown', 'NotObserved'),
  expiring: fact('False', 'NotSuspended'),
}

/** A topic as Kafka has it: Ready at its generation. */
export const readyTopic = (topic: KafkaTopic): KafkaTopic => ({
  ...stamped(topic),
  metadata: { ...stamped(topic).metadata, generation: 1 },
  status: { observedGeneration: 1, conditions: [{ type: 'Ready', status: 'True' }] },
})

/** What the Deployment controller reports when all pods of a generation are available. */
export const availableStatus = ({ spec, metadata }: Deployment): NonNullable<Deployment['status']> => {
  const replicas = spec.replicas ?? 1
  return {
    observedGeneration: metadata.generation ?? 1,
    replicas,
    updatedReplicas: replicas,
    readyReplicas: replicas,
    availableReplicas: replicas,
    conditions: [
      { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' },
      { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
    ],
  }
}

/** A Deployment all of whose pods are available. */
export const availableDeployment = (deployment: Deployment): Deployment => {
  const { metadata, ...rest } = stamped(deployment)
  return { ...rest, metadata: { ...metadata, generation: 1 }, status: availableStatus(deployment) }
}

/** A pipeline with all its children as they shall be. */
export const settled = (of: Pipeline, object: PipelineObject = pipelineObject()): Observed => {
  const { topics, deployments, service } = wanted(of)
  return {
    pipeline: object,
    topicVersion: 'v1',
    topics: {
      events: readyTopic(topics.events),
      panes: readyTopic(topics.panes),
      metrics: readyTopic(topics.metrics),
      dlq: readyTopic(topics.dlq),
    },
    deployments: {
      producer: availableDeployment(deployments.producer),
      processor: availableDeployment(deployments.processor),
      consumer: availableDeployment(deployments.consumer),
    },
    service: stamped(service),
    rivals: [],
  }
}

/** A pipeline with nothing. */
export const bare = (object: PipelineObject = pipelineObject()): Observed => ({
  pipeline: object,
  topicVersion: 'v1',
  topics: {},
  deployments: {},
  service: undefined,
  rivals: [],
})

/** What is said of a pipeline at a moment, `told` in place of what is said of one that is calm. */
export const saidOf = (
  of: Pipeline,
  observed: Observed,
  { at = '2026-01-31T12:00:00Z', ...told }: Partial<Told> & { at?: string } = {},
): Facts => {
  const desired = wanted(of)
  const { blocks } = plan(of, desired, observed)
  return facts(desired, observed, {
    blocks,
    pods: podsOf({ desired, observed, suspended: told.suspended ?? calm.suspended, now: Date.parse(at) }),
    ...calm,
    ...told,
  })
}
