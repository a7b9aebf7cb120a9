import { join } from 'node:path'
import { type Cluster, kubectl } from './cluster.ts'
import type { Images } from './images.ts'
import { writeOverlay } from './overlay.ts'

/** Folders of config/ that together serve the namespace `kafka`, and those that serve all namespaces. */
export const ONE_NAMESPACE = ['default', 'without-strimzi']
export const ALL_NAMESPACES = ['cluster-scope', 'cluster-scope-without-strimzi']

/** Installs the operator and the topic controller as `kubectl apply -k` would, and waits for both. */
export async function deploy(cluster: Cluster, images: Images, configs = ONE_NAMESPACE): Promise<void> {
  const overlay = writeOverlay(join(cluster.instance.directory, 'overlay'), images, configs)
  await kubectl(cluster, 'apply', '-k', overlay)
  await Promise.all(['clickstream-operator', 'clickstream-topics'].map((name) => rolledOut(cluster, name)))
}

async function rolledOut(cluster: Cluster, name: string): Promise<void> {
  try {
    await kubectl(cluster, 'rollout', 'status', `deployment/${name}`, '--timeout=60s')
  } catch (cause) {
    throw new Error(`deployment ${name} is not available after 60 s`, { cause })
  }
}
