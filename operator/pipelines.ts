import type { Logger } from 'pino'
import { type ClusterOptions, connectCluster } from './kube/cluster.ts'
import { systemClock } from './reconcile/clock.ts'
import { runController } from './reconcile/controller.ts'
import type { ControllerMetrics } from './reconcile/metrics.ts'
import { pipelineOf } from './reconcile/owner.ts'
import { pipelineReconciler } from './reconcile/pipeline.ts'
import { Queue } from './reconcile/queue.ts'
import { running, type RunningController } from './running.ts'

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
  const passed = metrics && { passed: metrics.passed }
  return running(cluster, {
    signal,
    work: () => runController({ queue, reconcile, workers, logger, signal, clock, ...passed }),
  })
}
