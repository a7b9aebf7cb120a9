import type { Registry } from 'prom-client'
import type { Key } from './api/kubernetes.ts'
import { farewell } from './farewell.ts'
import { flowInterval, flowIsDue } from './decide/flow.ts'
import { readSummary, summaryUrl } from './flow/consumer.ts'
import { flowPoller, type FlowPollerOptions } from './flow/poller.ts'
import { type ClusterOptions, type ConnectedCluster, connectCluster } from './kube/cluster.ts'
import { systemClock as clock } from './reconcile/clock.ts'
import { runController } from './reconcile/controller.ts'
import { leadership, pipelineGauges } from './reconcile/gauges.ts'
import { controllerMetrics, eventMetrics, requestMetrics } from './reconcile/metrics.ts'
import { concerned, isRead } from './reconcile/owner.ts'
import { pipelineReconciler } from './reconcile/pipeline.ts'
import { Queue, type QueueOptions } from './reconcile/queue.ts'
import { topicsFinalizer } from './reconcile/retire.ts'
import { running, type RunningController } from './running.ts'

/** Also the name of the Lease. */
const fieldManager = 'clickstream-operator'
/** Passes at a time. They wait for the API server most of the time. */
const workers = 8
/** Consumers asked at a time, each for two seconds at most. */
const askers = 8

const held = { kind: 'ClickstreamPipeline', finalizer: topicsFinalizer } as const

type Connection =
  | 'namespace'
  | 'leaseNamespace'
  | 'config'
  | 'terms'
  | 'patience'
  | 'discoveryEvery'
  | 'logger'

export interface PipelinesOptions extends Pick<ClusterOptions, Connection> {
  /** The image that the pods of every pipeline run. */
  runtimeImage: string
  /** Ends the controller. */
  signal: AbortSignal
  /** Where the controller's and the pipelines' metrics are registered. */
  registry?: Registry
  /** Asks the consumer of a pipeline; by default at its Service. */
  ask?: FlowPollerOptions['read']
}

const askService: FlowPollerOptions['read'] = (key) => readSummary(summaryUrl(key))

/** The lines of one term: pipelines that are due for a pass, and those whose consumer is to be asked. */
interface Due {
  passes: Queue
  polls: Queue
}

/** Connects to the API server and serves its pipelines until the signal aborts; passes that run then may end. */
export const runPipelines = async (options: PipelinesOptions): Promise<RunningController> => {
  const { runtimeImage, signal, registry, ask = askService, ...connection } = options
  const { logger } = connection
  const metrics = registry && controllerMetrics(registry, { name: 'clickstreampipeline', workers })
  let due: Due | undefined
  const cluster = await connectCluster({
    ...connection,
    fieldManager,
    kinds: ['ClickstreamPipeline', 'KafkaTopic', 'Deployment', 'Service'],
    keeps: isRead,
    onChange(kind, object, type) {
      for (const key of concerned(object, cluster)) due?.passes.add(key)
      if (kind === 'ClickstreamPipeline' && type === 'added') enrol(due, object.metadata)
    },
    onTopicVersion() {
      for (const { metadata } of cluster.list('ClickstreamPipeline')) due?.passes.add(metadata)
    },
    ...(registry && { requested: requestMetrics(registry), dropped: eventMetrics(registry) }),
  })
  if (registry) pipelineGauges(registry, () => cluster.list('ClickstreamPipeline'))
  const { recorder } = cluster
  const told = metrics && { began: metrics.began, passed: metrics.passed }
  return running(cluster, {
    signal,
    ...(registry && { leads: leadership(registry, fieldManager) }),
    farewell: () => farewell({ cluster, ...held, namespace: connection.leaseNamespace, logger }),
    async work(term) {
      const shared = { logger, signal: term, clock }
      due = everythingDue(cluster, { clock, ...(metrics && { observer: metrics.queue }) })
      metrics?.watch(due.passes)
      // What an earlier term heard is old: another instance may have written what is newer.
      const flow = flowPoller({
        cluster,
        read: ask,
        heard(object) {
          if (flowIsDue(object, { seen: flow.seen(object), now: Date.now() }))
            due?.passes.add(object.metadata)
        },
        now: Date.now,
        random: Math.random,
      })
      const { seen } = flow
      const reconcile = pipelineReconciler({ cluster, runtimeImage, logger, now: Date.now, seen, recorder })
      await Promise.all([
        runController({ ...shared, queue: due.passes, reconcile, workers, ...told }),
        runController({ ...shared, queue: due.polls, reconcile: flow.poll, workers: askers }),
      ])
    },
  })
}

/** The lines at the beginning of a term: every pipeline stands in both. */
const everythingDue = (cluster: ConnectedCluster, options: QueueOptions): Due => {
  const due = { passes: new Queue(options), polls: new Queue({ clock: options.clock }) }
  for (const { metadata } of cluster.list('ClickstreamPipeline')) {
    due.passes.add(metadata)
    enrol(due, metadata)
  }
  return due
}

/** Spread over an interval, since after a start all pipelines appear at once. */
const enrol = (due: Due | undefined, { namespace, name }: Key): void =>
  due?.polls.addAfter({ namespace, name }, flowInterval * Math.random())
