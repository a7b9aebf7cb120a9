import type { Logger } from 'pino'
import { type ClusterOptions, connectCluster } from './kube/cluster.ts'
import { systemClock } from './reconcile/clock.ts'
import { runController } from './reconcile/controller.ts'
import type { ControllerMetrics } from './reconcile/metrics.ts'
import { pipelineOf } from './reconcile/owner.ts'
import { pipelineReconciler } from './reconcile/pipeline.ts'
import { Queue } from './reconcile/queue.ts'

/** Passes at a time. They wait for the API server most of the time. */
const workers = 8

export interface PipelinesOptions {
  /** The only namespace to serve; undefined: all. */
  namespace: string | undefined
  /** The image that the pods of every pipeline run. */
  runtimeImage: string
  logger: Logger
  /** Ends the controller. */
  signal: AbortSignal
  metrics?: ControllerMetrics
  /** Where the API server is; default as `connectCluster`'s. */
  config?: ClusterOptions['config']
}

/** A controller at work, for probes and for who waits for its end. */
export interface RunningController {
  /** What keeps it from its work, a sentence each; none when it is ready. */
  problems(): string[]
  /** False when only a restart helps. */
  healthy(): boolean
  /** Resolves when all has ended after the signal. */
  over: Promise<void>
}

/** Connects to the API server and serves its pipelines until the signal aborts; passes that run then may end. */
export const runPipelines = async (options: PipelinesOptions): Promise<RunningController> => {
  const { namespace, runtimeImage, logger, signal, metrics, config } = options
  const clock = systemClock
  const queue = new Queue({ clock, ...(metrics && { observer: metrics.queue }) })
  const cluster = await connectCluster({
    namespace,
    fieldManager: 'clickstream-operator',
    kinds: ['ClickstreamPipeline', 'KafkaTopic', 'Deployment', 'Service'],
    onChange(_kind, object) {
      const key = pipelineOf(object)
      if (key !== undefined) queue.add(key)
    },
    onTopicVersion() {
      for (const { metadata } of cluster.list('ClickstreamPipeline')) queue.add(metadata)
    },
    logger,
    ...(config && { config }),
  })
  const reconcile = pipelineReconciler({ cluster, runtimeImage, logger, now: Date.now })
  const work = async () => {
    await Promise.race([cluster.whenSynced, aborted(signal)])
    const passed = metrics && { passed: metrics.passed }
    await runController({ queue, reconcile, workers, logger, signal, clock, ...passed })
    await cluster.close()
  }
  return {
    problems: () => [
      ...(cluster.synced() ? [] : ['the first lists of the watched objects are under way']),
      ...cluster.problems(),
    ],
    healthy: () => cluster.healthy(),
    over: work(),
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
