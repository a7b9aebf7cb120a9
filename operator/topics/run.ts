import type { Registry } from 'prom-client'
import type { KafkaTopic, KubernetesObject } from '../api/kubernetes.ts'
import { farewell } from '../farewell.ts'
import { type ClusterOptions, connectCluster } from '../kube/cluster.ts'
import { leadership } from '../reconcile/gauges.ts'
import { controllerMetrics, requestMetrics } from '../reconcile/metrics.ts'
import { running, type RunningController } from '../running.ts'
import { FINALIZER, isServed } from './claim.ts'
import { type TopicController, topicController, type TopicsOptions, workers } from './controller.ts'

/** Also the name of the Lease. */
const fieldManager = 'clickstream-topics'

const held = { kind: 'KafkaTopic', finalizer: FINALIZER } as const

export interface RunOptions
  extends
    Pick<TopicsOptions, 'broker' | 'kafkaCluster' | 'logger' | 'signal'>,
    Pick<ClusterOptions, 'config' | 'terms' | 'leaseNamespace'> {
  /** The only namespace to serve; undefined: all. */
  namespace: string | undefined
  /** Where the controller's metrics are registered. */
  registry?: Registry
}

/**
 * Connects to the API server and serves its KafkaTopics until the signal aborts; passes that run then may end. The broker
 * is the caller's to close. Throws an Error on a kubeconfig it cannot use.
 */
export async function runTopics(options: RunOptions): Promise<RunningController> {
  const { namespace, config, terms, leaseNamespace, registry, ...rest } = options
  const { kafkaCluster, logger } = rest
  const serves = (object: KubernetesObject) => isTopic(object) && isServed(object, kafkaCluster)
  const metrics = registry && controllerMetrics(registry, { name: 'kafkatopic', workers })
  let controller: TopicController | undefined
  const cluster = await connectCluster({
    namespace,
    leaseNamespace,
    fieldManager,
    kinds: ['KafkaTopic'],
    onChange: (_kind, object) => isTopic(object) && controller?.changed(object),
    logger,
    ...(registry && { requested: requestMetrics(registry) }),
    ...(config && { config }),
    ...(terms && { terms }),
  })
  return running(cluster, {
    signal: options.signal,
    ...(registry && { leads: leadership(registry, fieldManager) }),
    farewell: () => farewell({ cluster, ...held, serves, namespace: leaseNamespace, logger }),
    work(term) {
      controller = topicController({ ...rest, cluster, signal: term, ...(metrics && { metrics }) })
      for (const topic of cluster.list('KafkaTopic')) controller.changed(topic)
      return controller.run()
    },
    problems: () => [controller?.problem()].filter((problem) => problem !== undefined),
  })
}

const isTopic = (object: KubernetesObject): object is KafkaTopic => object.kind === 'KafkaTopic'
