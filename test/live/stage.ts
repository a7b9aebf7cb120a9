import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { type Broker, startKafka } from '../../dev/kafka.ts'
import { until } from '../../dev/until.ts'
import { apiVersion } from '../../operator/api/crd.ts'
import type { Deployment, KubernetesObject } from '../../operator/api/kubernetes.ts'
import type { App } from '../../operator/kube/kinds.ts'
import type { Role } from '../../runtime/settings.ts'
import { World } from '../integration/kube/world.ts'
import { type Audited, auditFlags, auditIn } from './audit.ts'
import { type Program, startProgram } from './program.ts'

/**
 * The two controllers as processes of the bundle, each with the rights of its service account and no others, on a real
 * API server and a real broker. There is no node: pods are processes too, started as their Deployments say.
 */
export interface Stage {
  world: World
  broker: Broker
  directory: string
  operator: Program
  topics: Program
  /** Every request to the API server that has been answered, watches as soon as they begin. */
  audit(): Audited[]
  apply(pipeline: { name: string; spec: object; annotations?: Record<string, string> }): Promise<void>
  /** Starts a pod of a role as its Deployment says, as soon as there is one. */
  pod(pipeline: string, role: Role): Promise<Program>
  end(): Promise<void>
}

export const namespace = 'kafka'
const root = join(import.meta.dirname, '..', '..')

/** Path of an object of the kinds that manifests have. */
const pathOf = ({ apiVersion, kind, metadata }: KubernetesObject): string => {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const within = kind.startsWith('C') ? '' : `/namespaces/${metadata.namespace}`
  return `${group}${within}/${kind.toLowerCase()}s/${metadata.name}`
}

/** The objects of a file of the repository. */
export const objectsIn = (file: string): KubernetesObject[] =>
  parseAllDocuments(readFileSync(join(root, file), 'utf8')).map((document) => document.toJS())

/** Makes the objects of a file of the repository. */
export const install = async (world: World, file: string): Promise<void> => {
  for (const object of objectsIn(file)) await world.apply(pathOf(object), object)
}

/** Resolves when the API server answers on a path. */
export const served = (world: World, path: string) =>
  until(`${path} is served`, () => world.admin.request({ method: 'GET', path }).then(() => true))

/** The file of a kubeconfig of a service account. */
export const login = async (
  world: World,
  { name, directory }: { name: string; directory: string },
): Promise<string> => {
  const file = join(directory, `${name}.kubeconfig`)
  const config = world.config({ token: await world.account({ namespace, name }) })
  writeFileSync(file, config.exportConfig(), { mode: 0o600 })
  return file
}

/** What the controllers serve: their own namespace, or all. */
type Scope = 'namespace' | 'cluster'

/** The files of their roles. */
export const roleFiles = {
  namespace: { operator: 'config/default/role.yaml', topics: 'config/without-strimzi/role.yaml' },
  cluster: {
    operator: 'config/cluster-scope/role.yaml',
    topics: 'config/cluster-scope-without-strimzi/role.yaml',
  },
} as const satisfies Record<Scope, Record<App, string>>

const prepare = async (world: World, scope: Scope): Promise<void> => {
  await world.namespace(namespace)
  await install(world, 'crds/clickstreampipelines.yaml')
  await install(world, 'config/topics/kafkatopics.yaml')
  for (const file of Object.values(roleFiles[scope])) await install(world, file)
  await served(world, `/apis/${apiVersion}/clickstreampipelines`)
  await served(world, '/apis/kafka.strimzi.io/v1/kafkatopics')
}

interface StageOptions {
  /** Further ones of the API server. */
  flags?: readonly string[]
  scope?: Scope
}

export const openStage = async ({ flags = [], scope = 'namespace' }: StageOptions = {}): Promise<Stage> => {
  const directory = mkdtempSync(join(tmpdir(), 'live-'))
  const [world, broker] = await Promise.all([
    World.start([...auditFlags(directory), ...flags]),
    startKafka({ directory: join(directory, 'broker') }),
  ])
  await prepare(world, scope)
  const programs: Program[] = []
  const start = async (options: Omit<Parameters<typeof startProgram>[0], 'directory'>): Promise<Program> => {
    const program = await startProgram({ directory, ...options })
    programs.push(program)
    return program
  }
  const controller = async (role: 'operator' | 'topics', env: Record<string, string>): Promise<Program> => {
    const KUBECONFIG = await login(world, { name: `clickstream-${role}`, directory })
    const watched = scope === 'cluster' ? '*' : namespace
    const shared = { KUBECONFIG, WATCH_NAMESPACE: watched, POD_NAMESPACE: namespace }
    return start({ name: role, bundle: 'operator', role, env: { ...shared, ...env } })
  }
  const { bootstrapServers } = broker
  const operator = await controller('operator', { RUNTIME_IMAGE: 'clickstream-runtime' })
  const topics = await controller('topics', {
    KAFKA_CLUSTER: 'local',
    KAFKA_BOOTSTRAP_SERVERS: bootstrapServers,
  })
  return {
    world,
    broker,
    directory,
    operator,
    topics,
    audit: () => auditIn(directory),
    async apply({ name, spec, annotations = {} }) {
      await world.apply(`/apis/${apiVersion}/namespaces/${namespace}/clickstreampipelines/${name}`, {
        apiVersion,
        kind: 'ClickstreamPipeline',
        metadata: { name, namespace, annotations },
        spec: { kafka: { cluster: 'local', bootstrapServers }, ...spec },
      })
    },
    async pod(pipeline, role) {
      const name = `${pipeline}-${role}`
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`
      const deployment = await until(`Deployment ${name}`, () => world.admin.request({ method: 'GET', path }))
      return start({ name, bundle: 'runtime', role, env: environmentOf(deployment as Deployment) })
    },
    async end() {
      await Promise.all(programs.map((program) => program.stop()))
      await Promise.all([world.end(), broker.kill()])
      rmSync(directory, { recursive: true })
    },
  }
}

const environmentOf = ({ spec }: Deployment): Record<string, string> =>
  Object.fromEntries(
    (spec.template.spec.containers[0]?.env ?? []).flatMap(({ name, value }) =>
      value === undefined ? [] : [[name, value]],
    ),
  )
