import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Key } from './api/kubernetes.ts'
import { flowInterval, flowIsDue } from './decide/flow.ts'
import { readSummary, summaryUrl } from './flow/consumer.ts'
import { flowPoller } from './flow/poller.ts'
import { type ClusterOptions, connectCluster } from './kube/cluster.ts'
import { systemClock } from './reconcile/clock.ts'
import { runController } from './reconcile/controller.ts'
import { pipelineGauges } from './reconcile/gauges.ts'
import { controllerMetrics, requestMetrics } from './reconcile/metrics.ts'
import { concerned } from './reconcile/owner.ts'
import { pipelineReconciler } from './reconcile/pipeline.ts'
import { Queue } from './reconcile/queue.ts'
import { running, type RunningController } from './running.ts'

/** Passes at a time. They wait for the API server most of the time. */
const workers = 8
/** Consumers asked at a time, each for two seconds at most. */
const askers = 8

export interface PipelinesOptions {
  /** The only namespace to serve; undefined: all. */
  namespace: string | undefined
  /** The image that the pods of every pipeline run. */
  runtimeImage: string
  logger: Logger
  /** Ends the controller. */
  signal: AbortSignal
  /** Where the controller's and the pipelines' metrics are registered. */
  registry?: Registry
  /** Where the API server is; default as `connectCluster`'s. */
  config?: ClusterOptions['config']
}

/** Connects to the API server and serves its pipelines until the signal aborts; passes that run then may end. */
export const runPipelines = async (options: PipelinesOptions): Promise<RunningController> => {
  const { namespace, runtimeImage, logger, signal, registry, config } = options
  const metrics = registry && controllerMetrics(registry, { name: 'clickstreampipeline', workers })
  const clock = systemClock
  const queue = new Queue({ clock, ...(metrics && { observer: metrics.queue }) })
  metrics?.watch(queue)
  const polls = new Queue({ clock })
  // Spread over an interval, since after a start all pipelines appear at once.
  const enrol = ({ namespace, name }: Key) =>
    polls.addAfter({ namespace, name }, flowInterval * Math.random())
  const cluster = await connectCluster({
    namespace,
    fieldManager: 'clickstream-operator',
    kinds: ['ClickstreamPipeline', 'KafkaTopic', 'Deployment', 'Service'],
    onChange(kind, object, type) {
      for (const key of concerned(object, cluster)) queue.add(key)
      if (kind === 'ClickstreamPipeline' && type === 'added') enrol(object.metadata)
    },
    onTopicVersion() {
      for (const { metadata } of cluster.list('ClickstreamPipeline')) queue.add(metadata)
    },
    logger,
    ...(registry && { requested: requestMetrics(registry) }),
    ...(config && { config }),
  })
  const flow = flowPoller({
    cluster,
    read: (key) => readSummary(summaryUrl(key)),
    heard(object) {
      if (flowIsDue(object, { seen: flow.seen(object), now: Date.now() })) queue.add(object.metadata)
    },
    now: Date.now,
    random: Math.random,
  })
  if (registry) pipelineGauges(registry, () => cluster.list('ClickstreamPipeline'))
  const { recorder } = cluster
  const { seen } = flow
  const reconcile = pipelineReconciler({ cluster, runtimeImage, logger, now: Date.now, seen, recorder })
  const told = metrics && { began: metrics.began, passed: metrics.passed }
  const shared = { logger, signal, clock }
  return running(cluster, {
    signal,
    work: () =>
      Promise.all([
        runController({ ...shared, queue, reconcile, workers, ...told }),
        runController({ ...shared, queue: polls, reconcile: flow.poll, workers: askers }),
      ]).then(() => undefined),
  })
}
