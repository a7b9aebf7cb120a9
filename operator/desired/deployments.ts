import type { Deployment } from '../api/kubernetes.ts'
import { bootstrapServers, ownerReference, type Pipeline, restartAnnotation } from '../api/pipeline.ts'
import { milliseconds } from '../api/duration.ts'
import type { Status } from '../api/status.ts'
import type {
  ConsumerEnvironment,
  ProcessorEnvironment,
  ProducerEnvironment,
  Role,
} from '../../runtime/settings.ts'
import { childName, labels, selector } from './names.ts'
import { pod } from './pod.ts'
import { resumeAnnotation, type Scale } from './replicas.ts'

/** What a Deployment needs beside its pipeline. */
export interface DeploymentContext {
  /** The image of the runtime. */
  image: string
  /** The generation of the pipeline that last changed the window; see windowGeneration. */
  windowGeneration: number
  scales: Record<Role, Scale>
}

/** The producer: for the seconds in which a new pod and the old one run side by side the rate is exceeded. */
export const producer = (pipeline: Pipeline, context: DeploymentContext): Deployment => {
  const env: ProducerEnvironment = {
    ...shared(pipeline),
    RATE: String(pipeline.spec.producer.rate),
    USERS: String(pipeline.spec.producer.users),
  }
  return deployment(pipeline, { role: 'producer', env, context })
}

/** The processor: leases keep an old pod and a new one that run side by side apart. */
export const processor = (pipeline: Pipeline, context: DeploymentContext): Deployment => {
  const { size, slide, grace, idleTimeout } = pipeline.spec.processor.window
  const env: ProcessorEnvironment = {
    ...shared(pipeline),
    WINDOW_SIZE_MS: ms(size),
    WINDOW_SLIDE_MS: ms(slide ?? size),
    WINDOW_GRACE_MS: ms(grace),
    WINDOW_IDLE_TIMEOUT_MS: ms(idleTimeout),
    WINDOW_GENERATION: String(context.windowGeneration),
    PIPELINE_CREATED_MS: String(pipeline.created),
  }
  return deployment(pipeline, { role: 'processor', env, context })
}

/** The consumer: stateless. */
export const consumer = (pipeline: Pipeline, context: DeploymentContext): Deployment => {
  const env: ConsumerEnvironment = shared(pipeline)
  return deployment(pipeline, { role: 'consumer', env, context })
}

/** A window that was set, and the generation of the pipeline that set it. */
type SetWindow = NonNullable<Status['window']>

/**
 * The generation that a window of the processor carries: it changes only when the window itself does, so that
 * an edit of something else does not restart the processor. `processor` is its Deployment as it is, and `known` the window
 * of the status, which knows where that was deleted. Where both have the window the greater generation counts: the status
 * may not have been written, and the Deployment may be that of an older revision, whose results nobody takes any more.
 */
export const windowGeneration = (
  pipeline: Pipeline,
  { processor, known }: { processor: Deployment | undefined; known: SetWindow | undefined },
): number => {
  const { size, slide = size } = pipeline.spec.processor.window
  const isSame = (window: Window) => window.size === ms(size) && window.slide === ms(slide)
  const isPossible = (generation: number) =>
    Number.isSafeInteger(generation) && generation > 0 && generation <= pipeline.generation
  const [live, kept] = [processor && windowOf(processor), known && inMs(known)]
  if (live !== undefined && !isSame(live)) return pipeline.generation
  const generations = [live, kept]
    .filter((window) => window !== undefined)
    .filter(isSame)
    .map((window) => Number(window.generation))
    .filter(isPossible)
  return generations.length > 0 ? Math.max(...generations) : pipeline.generation
}

interface Window {
  size: string | undefined
  slide: string | undefined
  generation: string | number | undefined
}

const inMs = ({ size, slide, generation }: SetWindow): Window => ({
  size: ms(size),
  slide: ms(slide),
  generation,
})

const windowOf = ({ spec }: Deployment): Window => {
  const env = new Map(spec.template.spec.containers[0]?.env?.map(({ name, value }) => [name, value]))
  return {
    size: env.get('WINDOW_SIZE_MS'),
    slide: env.get('WINDOW_SLIDE_MS'),
    generation: env.get('WINDOW_GENERATION'),
  }
}

/**
 * Pods are replaced one at a time, and an old one ends only when the new one is ready: it reached Kafka and does its
 * work. So a change that cannot work, such as brokers that do not exist, leaves what runs alone.
 */
const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }

/** So long pods may take to become available until something stands in their way. */
export const progressDeadlineSeconds = 300

const ms = (duration: string): string => String(milliseconds(duration) ?? 0)

const shared = (pipeline: Pipeline): ConsumerEnvironment => ({
  PIPELINE: pipeline.name,
  NAMESPACE: pipeline.namespace,
  KAFKA_BOOTSTRAP_SERVERS: bootstrapServers(pipeline.spec.kafka),
})

interface Workload {
  role: Role
  env: Record<string, string | undefined>
  context: DeploymentContext
}

const deployment = (pipeline: Pipeline, { role, env, context }: Workload): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: childName(pipeline, role),
    namespace: pipeline.namespace,
    labels: { ...selector(pipeline, role), ...labels(pipeline) },
    ownerReferences: [ownerReference(pipeline)],
    ...resume(context.scales[role]),
  },
  spec: {
    replicas: context.scales[role].replicas,
    revisionHistoryLimit: 3,
    progressDeadlineSeconds,
    selector: { matchLabels: selector(pipeline, role) },
    strategy,
    template: {
      metadata: {
        labels: { ...selector(pipeline, role), ...labels(pipeline) },
        ...(pipeline.restartedAt !== undefined && {
          annotations: { [restartAnnotation]: pipeline.restartedAt },
        }),
      },
      spec: pod(pipeline, { role, image: context.image, env }),
    },
  },
})

const resume = ({ resumeWith }: Scale) =>
  resumeWith === undefined ? {} : { annotations: { [resumeAnnotation]: String(resumeWith) } }
