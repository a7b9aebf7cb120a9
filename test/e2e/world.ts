import { join } from 'node:path'
import { type Cluster, up } from '../../dev/cluster.ts'
import { run } from '../../dev/command.ts'
import { deploy } from '../../dev/deploy.ts'
import { buildImages } from '../../dev/images.ts'
import { until } from '../../dev/until.ts'
import { oracle, type Oracle } from './oracle.ts'

/** A running cluster with the operator in it, and the verbs of its user. */
export interface World {
  cluster: Cluster
  oracle: Oracle
  kubectl(...words: string[]): Promise<string>
  /** `kubectl … -o json`, parsed. */
  get(...words: string[]): Promise<Shown>
  /** `kubectl apply -f -` of objects. */
  apply(...objects: object[]): Promise<void>
  patch(resource: string, patch: object): Promise<void>
  close(): Promise<void>
}

/** As much of any object as tests look at. */
interface Shown {
  metadata: {
    name: string
    uid: string
    resourceVersion: string
    generation: number
    deletionTimestamp?: string
    labels: Record<string, string>
    finalizers?: string[]
  }
  spec: Record<string, never> & {
    partitions: number
    replicas: number
    template: { spec: { containers: Container[] } }
  }
  status?: {
    conditions?: { type: string; status: string; reason: string; message: string }[]
    readyReplicas?: number
    observedGeneration?: number
    containerStatuses?: { restartCount: number }[]
    topics?: Record<string, { ready: boolean; partitions: number }>
    flow?: Flow
  }
  items: Shown[]
}

interface Flow {
  lastWindow?: { start: string; end: string; totalEvents: number; uniqueUsers: number }
  lag?: number
  lateEvents?: number
  invalidEvents?: number
  observedAt: string
}

interface Container {
  env: { name: string; value?: string }[]
}

const root = join(import.meta.dirname, '..', '..')

/** Brings the instance `test` up with the operator from the given folders of config/. Quick when it already is. */
export const world = async (namespace: string, configs: string[]): Promise<World> => {
  const cluster = await up('test')
  const images = await buildImages(cluster.instance)
  const kubectl = (...words: string[]) =>
    run([cluster.kubectl, '--kubeconfig', cluster.kubeconfig, '--namespace', namespace, ...words], {
      cwd: root,
    })
  await deploy(cluster, images, configs)
  const log = oracle(cluster.bootstrapServers)
  return {
    cluster,
    oracle: log,
    kubectl,
    get: async (...words) => JSON.parse(await kubectl('get', ...words, '--output=json')),
    async apply(...objects) {
      const input = objects.map((object) => JSON.stringify(object)).join('\n---\n')
      await run(
        [cluster.kubectl, '--kubeconfig', cluster.kubeconfig, '--namespace', namespace, 'apply', '-f', '-'],
        { input },
      )
    },
    async patch(resource, patch) {
      await kubectl('patch', resource, '--type=merge', `--patch=${JSON.stringify(patch)}`)
    },
    close: () => log.close(),
  }
}

/** A pipeline with short windows on the cluster's Kafka. */
export const pipelineOf = (name: string, spec: object = {}) => ({
  apiVersion: 'clickstream.dev/v1alpha1',
  kind: 'ClickstreamPipeline',
  metadata: { name },
  spec: {
    kafka: { cluster: 'data-on-eks', bootstrapServers: 'data-on-eks-kafka-bootstrap.kafka:9092' },
    topics: { events: { partitions: 3 } },
    producer: { rate: 50 },
    processor: { window: { size: '2s', grace: '1s', idleTimeout: '3s' } },
    ...spec,
  },
})

/** Waits until the pipeline is Ready at its newest generation, as `kubectl wait` does. */
export const untilReady = async (world: World, name: string, deadline = 90_000): Promise<void> => {
  await until(
    `pipeline ${name} is Ready`,
    async () => {
      const { metadata, status } = await world.get('clickstreampipeline', name)
      const ready = status?.conditions?.find(({ type }) => type === 'Ready')
      if (ready?.status === 'True' && status?.observedGeneration === metadata.generation) return true
      throw new Error(`${ready?.reason}: ${ready?.message}`)
    },
    { deadline, every: 250 },
  )
}

/** A condition of the pipeline, while it has this status. */
export const conditionOf = async (
  world: World,
  name: string,
  { type, status }: { type: string; status: string },
) => {
  const { status: told } = await world.get('clickstreampipeline', name)
  return told?.conditions?.find((condition) => condition.type === type && condition.status === status)
}

/** Whether a condition of the pipeline is True. */
export const says = async (world: World, name: string, type: string): Promise<boolean> =>
  (await conditionOf(world, name, { type, status: 'True' })) !== undefined

/** A pipeline in two parts: what only a change of it or of its children changes, and what moves on with its data. */
export const told = async (world: World, name: string) => {
  const { metadata, spec, status } = await world.get('clickstreampipeline', name)
  const { resourceVersion: version, ...identity } = metadata
  const { flow, ...rest } = status ?? {}
  return { identity, spec, status: rest, version, observedAt: flow?.observedAt }
}
