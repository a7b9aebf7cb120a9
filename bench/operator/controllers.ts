import { pino } from 'pino'
import type {
  Deployment,
  KafkaTopic,
  Key,
  KubernetesObject,
  PipelineObject,
} from '../../operator/api/kubernetes.ts'
import { previousConditions } from '../../operator/api/pipeline.ts'
import { objectPath } from '../../operator/kube/kinds.ts'
import type { World } from '../../test/integration/kube/world.ts'

/** What the controllers of the cluster would do, and what is seen meanwhile. */
export interface Controllers {
  /** Pipelines that are Ready at their generation. */
  ready(): number
  /** Topics and Deployments that the API server has. */
  children(): number
  /** When the Deployment is first seen at a later generation than now; milliseconds of `performance.now()`. */
  nextGeneration(key: Key): Promise<number>
}

const isTopic = (object: KubernetesObject): object is KafkaTopic => object.kind === 'KafkaTopic'
const isDeployment = (object: KubernetesObject): object is Deployment => object.kind === 'Deployment'
const isPipeline = (object: KubernetesObject): object is PipelineObject =>
  object.kind === 'ClickstreamPipeline'

type Observing = KubernetesObject & { status?: { observedGeneration?: unknown } }

const isCurrent = ({ metadata, status }: Observing): boolean =>
  status?.observedGeneration === metadata.generation

/** The status of a topic that Kafka has as it is wanted. */
const topicStatus = ({ metadata }: KafkaTopic) => ({
  observedGeneration: metadata.generation,
  conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }],
})

/** The status of a Deployment all of whose pods run. */
const deploymentStatus = ({ metadata, spec: { replicas } }: Deployment) => ({
  observedGeneration: metadata.generation,
  replicas,
  updatedReplicas: replicas,
  readyReplicas: replicas,
  availableReplicas: replicas,
  conditions: [
    { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' },
    { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
  ],
})

/** The status that is still to be written; undefined when there is none. */
const owed = (object: KubernetesObject): object | undefined => {
  if (isTopic(object) && !isCurrent(object)) return topicStatus(object)
  if (isDeployment(object) && !isCurrent(object)) return deploymentStatus(object)
  return undefined
}

const isReady = (object: PipelineObject): boolean =>
  isCurrent(object) &&
  previousConditions(object).some(({ type, status }) => type === 'Ready' && status === 'True')

const idOf = ({ kind, metadata: { namespace, name } }: KubernetesObject): string =>
  `${kind} ${namespace}/${name}`

/** Plays the Topic Operator and the controller of Deployments: whatever is asked for is there at once. */
export const playControllers = async (world: World): Promise<Controllers> => {
  const ready = new Set<string>()
  const waiting = new Map<string, (generation: number) => void>()
  const { cluster } = await world.connect({
    kinds: ['ClickstreamPipeline', 'KafkaTopic', 'Deployment'],
    logger: pino({ level: 'silent' }),
    onChange(kind, object, type) {
      const id = idOf(object)
      ready.delete(id)
      if (type === 'deleted') return
      if (isPipeline(object) && isReady(object)) ready.add(id)
      waiting.get(id)?.(object.metadata.generation ?? 0)
      const status = owed(object)
      if (status === undefined) return
      const path = `${objectPath(kind, object.apiVersion.split('/').at(-1) ?? '', object.metadata)}/status`
      const contentType = 'application/merge-patch+json'
      void world.admin.request({ method: 'PATCH', path, contentType, body: { status } })
    },
  })
  await cluster.whenSynced
  return {
    ready: () => ready.size,
    children: () => cluster.list('KafkaTopic').length + cluster.list('Deployment').length,
    nextGeneration: (key) =>
      new Promise((resolve) => {
        const id = `Deployment ${key.namespace}/${key.name}`
        const before = cluster.get('Deployment', key)?.metadata.generation ?? 0
        waiting.set(id, (generation) => {
          if (generation <= before) return
          waiting.delete(id)
          resolve(performance.now())
        })
      }),
  }
}
