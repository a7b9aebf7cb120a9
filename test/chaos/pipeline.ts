import { until } from '../../dev/until.ts'
import { topicNames } from '../../runtime/names.ts'
import type { ProcessorEnvironment } from '../../runtime/settings.ts'
import type { Spec } from './history.ts'
import type { Stage } from './stage.ts'

/** Of all pipelines here, milliseconds. */
export const grace = 1_000
export const idleTimeout = 4_000

interface Topics {
  name: string
  partitions: number
  replication?: number
}

/** Makes the topics of a pipeline; resolves when all have leaders. */
export const createTopics = async (
  { admin, witness }: Stage,
  { name, partitions, replication = 1 }: Topics,
): Promise<void> => {
  const { metrics, ...others } = topicNames(name)
  const create = (topic: string, count: number) =>
    admin.create({ name: topic, partitions: count, replicas: replication, config: {} })
  await Promise.all([create(metrics, 1), ...Object.values(others).map((topic) => create(topic, partitions))])
  for (const topic of [metrics, ...Object.values(others)])
    await until(`topic ${topic}`, async () => {
      await witness.edges(topic)
      return true
    })
}

/** What a processor of the pipeline is started with. */
export const processorEnvironment = (options: {
  name: string
  bootstrapServers: string
  window: Spec
  generation: number
}): ProcessorEnvironment => ({
  PIPELINE: options.name,
  NAMESPACE: 'chaos',
  KAFKA_BOOTSTRAP_SERVERS: options.bootstrapServers,
  HTTP_PORT: '0',
  WINDOW_SIZE_MS: String(options.window.size),
  WINDOW_SLIDE_MS: String(options.window.slide),
  WINDOW_GRACE_MS: String(grace),
  WINDOW_IDLE_TIMEOUT_MS: String(idleTimeout),
  WINDOW_GENERATION: String(options.generation),
  PIPELINE_CREATED_MS: '1000',
})
