import type { KafkaTopic, KubernetesObject } from '../api/kubernetes.ts'
import { type ClusterOptions, connectCluster } from '../kube/cluster.ts'
import { requestMetrics } from '../reconcile/metrics.ts'
import { running, type RunningController } from '../running.ts'
import { topicController, type TopicsOptions } from './controller.ts'

export interface RunOptions extends Pick<
  TopicsOptions,
  'broker' | 'kafkaCluster' | 'logger' | 'signal' | 'registry'
> {
  /** The only namespace to serve; undefined: all. */
  namespace: string | undefined
  /** Where the API server is; default as `connectCluster`'s. */
  config?: ClusterOptions['config']
}

/**
 * Connects to the API server and serves its KafkaTopics until the signal aborts; passes that run then may end. The broker
 * is the caller's to close. Throws an Error on a kubeconfig it cannot use.
 */
export async function runTopics({ namespace, config, ...options }: RunOptions): Promise<RunningController> {
  const { logger, signal, registry } = options
  const cluster = await connectCluster({
    namespace,
    fieldManager: 'clickstream-topics',
    kinds: ['KafkaTopic'],
    onChange: (_kind, object) => isTopic(object) && controller.changed(object),
    logger,
    ...(registry && { requested: requestMetrics(registry) }),
    ...(config && { config }),
  })
  const controller = topicController({ ...options, cluster })
  return running(cluster, {
    signal,
    work: () => controller.run(),
    problems: () => [controller.problem()].filter((problem) => problem !== undefined),
  })
}

const isTopic = (object: KubernetesObject): object is KafkaTopic => object.kind === 'KafkaTopic'
