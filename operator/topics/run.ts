import type { KafkaTopic, KubernetesObject } from '../api/kubernetes.ts'
import { type ClusterOptions, connectCluster } from '../kube/cluster.ts'
import { topicController, type TopicsOptions } from './controller.ts'

export interface RunOptions extends Pick<
  TopicsOptions,
  'broker' | 'kafkaCluster' | 'logger' | 'signal' | 'metrics'
> {
  /** The only namespace to serve; undefined: all. */
  namespace: string | undefined
  /** Where the API server is; default as `connectCluster`'s. */
  config?: ClusterOptions['config']
}

/** A controller at work, for probes and for who waits for its end. */
export interface RunningTopics {
  /** What keeps it from its work, a sentence each; none when it is ready. */
  problems(): string[]
  /** False when only a restart helps. */
  healthy(): boolean
  /** Resolves when all has ended after the signal. */
  over: Promise<void>
}

/**
 * Connects to the API server and serves its KafkaTopics until the signal aborts; passes that run then may end. The broker
 * is the caller's to close. Throws an Error on a kubeconfig it cannot use.
 */
export async function runTopics({ namespace, config, ...options }: RunOptions): Promise<RunningTopics> {
  const { logger, signal } = options
  const cluster = await connectCluster({
    namespace,
    fieldManager: 'clickstream-topics',
    kinds: ['KafkaTopic'],
    onChange: (_kind, object) => isTopic(object) && controller.changed(object),
    logger,
    ...(config && { config }),
  })
  const controller = topicController({ ...options, cluster })
  const work = async () => {
    await Promise.race([cluster.whenSynced, aborted(signal)])
    await controller.run()
    await cluster.close()
  }
  return {
    problems: () => [
      ...(cluster.synced() ? [] : ['the first list of KafkaTopics is under way']),
      ...cluster.problems(),
      ...[controller.problem()].filter((problem) => problem !== undefined),
    ],
    healthy: () => cluster.healthy(),
    over: work(),
  }
}

const isTopic = (object: KubernetesObject): object is KafkaTopic => object.kind === 'KafkaTopic'

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
