import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import type { Images } from './images.ts'

const CONFIG = join(import.meta.dirname, '..', 'config')

/** Folders of config/ that hold the operator; the others hold the topic controller. */
const WITH_OPERATOR = ['default', 'cluster-scope']

/** Writes a kustomization over folders of config/ that runs the given images, and returns its folder. */
export function writeOverlay(folder: string, images: Images, configs: readonly string[]): string {
  const env = [{ name: 'RUNTIME_IMAGE', value: images.runtime }]
  const patch = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'clickstream-operator' },
    spec: { template: { spec: { containers: [{ name: 'operator', env }] } } },
  }
  const at = images.operator.lastIndexOf(':')
  const [newName, newTag] = [images.operator.slice(0, at), images.operator.slice(at + 1)]
  const overlay = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: configs.map((name) => relative(resolve(folder), join(CONFIG, name))),
    images: [{ name: 'clickstream-operator', newName, newTag }],
    patches: configs.some((name) => WITH_OPERATOR.includes(name)) ? [{ patch: JSON.stringify(patch) }] : [],
  }
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(overlay, undefined, 2))
  return folder
}

if (import.meta.main) {
  const [folder = '', operator = '', runtime = '', ...configs] = process.argv.slice(2)
  writeOverlay(folder, { operator, runtime }, configs)
}
