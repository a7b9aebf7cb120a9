import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type Cluster, kubectl } from './cluster.ts'
import type { Images } from './images.ts'

const CONFIG = join(import.meta.dirname, '..', 'config')

/** Folders of config/ that together serve the namespace `kafka`, and those that serve all namespaces. */
export const ONE_NAMESPACE = ['default', 'without-strimzi']
export const ALL_NAMESPACES = ['cluster-scope', 'cluster-scope-without-strimzi']

/** Installs the operator and the topic controller as `kubectl apply -k` would, and waits for both. */
export async function deploy(cluster: Cluster, images: Images, configs = ONE_NAMESPACE): Promise<void> {
  const overlay = writeOverlay(cluster, images, configs)
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

/** The bases as they are, with the images of this machine. */
function writeOverlay({ instance }: Cluster, { operator, runtime }: Images, configs: string[]): string {
  const folder = join(instance.directory, 'overlay')
  const bases = configs.map((name) => relative(folder, join(CONFIG, name)))
  const [name, newTag] = operator.split(':')
  const env = [{ name: 'RUNTIME_IMAGE', value: runtime }]
  const patch = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'clickstream-operator' },
    spec: { template: { spec: { containers: [{ name: 'operator', env }] } } },
  }
  const overlay = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace: 'kafka',
    resources: bases,
    images: [{ name, newTag }],
    patches: [{ patch: JSON.stringify(patch) }],
  }
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(overlay))
  return folder
}
