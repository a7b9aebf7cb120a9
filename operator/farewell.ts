import { setTimeout } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { KubernetesObject } from './api/kubernetes.ts'
import type { ConnectedCluster } from './kube/cluster.ts'
import { ClusterFault, type Kind } from './reconcile/cluster.ts'

interface FarewellOptions {
  cluster: Pick<ConnectedCluster, 'isEnding' | 'list' | 'removeFinalizer'>
  kind: Kind
  /** What the controller puts on the objects that it serves. */
  finalizer: string
  /** Which objects of the kind those are; others with the same finalizer are another controller's. Default: all. */
  serves?: (object: KubernetesObject) => boolean
  /** The namespace that this process runs in. */
  namespace: string | undefined
  logger: Logger
}

/**
 * The last work of a controller, when the namespace that it runs in is being deleted: it takes its finalizer off all objects
 * there. Nobody would be left to do that, and the namespace would stay for good. What the finalizer stands for is not done
 * any more: topics stay in Kafka. It is in time, for Kubernetes ends the pods of a namespace before it deletes anything
 * else in it, our rights among that (since 1.33; the feature OrderedNamespaceDeletion).
 */
export const farewell = async ({
  cluster,
  kind,
  finalizer,
  serves = () => true,
  namespace,
  logger,
}: FarewellOptions): Promise<void> => {
  if (namespace === undefined || !(await cluster.isEnding())) return
  const held = cluster
    .list(kind, namespace)
    .filter((object) => object.metadata.finalizers?.includes(finalizer) && serves(object))
  const leave = async ({ metadata: { name, uid = '' } }: (typeof held)[number]): Promise<void> => {
    const object = { kind, namespace, name, finalizer }
    try {
      await again(() => cluster.removeFinalizer(kind, { namespace, name }, { uid, name: finalizer }))
      logger.warn(object, 'the namespace is being deleted: the finalizer is taken off')
    } catch (error) {
      logger.error({ ...object, err: error }, 'the finalizer stays: take it off by hand')
    }
  }
  await Promise.all(held.map(leave))
}

/** Milliseconds before another try. */
const backoff = 500

/** What fails and may succeed is tried three times. */
const again = async (work: () => Promise<void>, tries = 3): Promise<void> => {
  try {
    await work()
  } catch (error) {
    if (tries === 1 || !(error instanceof ClusterFault) || !error.retry) throw error
    await setTimeout(backoff)
    await again(work, tries - 1)
  }
}
