import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { get } from '../../dev/apiserver.ts'
import { imageEnvironment } from '../../dev/pod-environment.ts'
import { kill } from '../../dev/process.ts'
import { until } from '../../dev/until.ts'
import { apiVersion } from '../../operator/api/crd.ts'
import type { Key } from '../../operator/api/kubernetes.ts'
import { objectPath } from '../../operator/kube/kinds.ts'
import { World } from '../../test/integration/kube/world.ts'
import { install, login, served } from '../../test/live/stage.ts'
import { type Measured, startMeasured } from '../process.ts'
import { type Controllers, playControllers } from './controllers.ts'
import { type Counts, requestsIn, sumOf } from './counts.ts'

/** The operator of the bundle as a process. */
export interface Operator extends Measured {
  /** The sum of one of its counters, or the value of a gauge. */
  metric(name: string): Promise<number>
}

/** A real API server with pipelines, and all around it but pods. */
export interface Stage {
  controllers: Controllers
  namespace(name: string): Promise<void>
  /** Makes or edits a pipeline. */
  put(key: Key, spec?: object): Promise<unknown>
  startOperator(): Promise<Operator>
  /** What the API server was asked for so far. */
  requests(): Promise<Counts>
  close(): Promise<void>
}

const home = 'kafka'
const root = join(import.meta.dirname, '..', '..')
const bundle = join(root, 'dist', 'operator.mjs')

/** Megabytes: half of the limit of its pod, as Node itself takes it for its heap in a container. */
const heap = (): number => {
  const text = readFileSync(join(root, 'config', 'operator', 'deployment.yaml'), 'utf8')
  return Number(/limits:\s+memory: (\d+)Mi/.exec(text)?.[1]) / 2
}

const prepare = async (world: World): Promise<void> => {
  // It would make a ReplicaSet and pods of each Deployment, and take the cores for it.
  const managers = world.plane.daemons.filter(({ name }) => name === 'kube-controller-manager')
  await Promise.all(managers.map(kill))
  await world.namespace(home)
  await install(world, 'crds/clickstreampipelines.yaml')
  await install(world, 'config/topics/kafkatopics.yaml')
  await install(world, 'config/cluster-scope/role.yaml')
  await served(world, `/apis/${apiVersion}/clickstreampipelines`)
  await served(world, '/apis/kafka.strimzi.io/v1/kafkatopics')
}

const start = async (env: Record<string, string>, log: string): Promise<Operator> => {
  const argv = [process.execPath, bundle, 'operator']
  const measured = await startMeasured({ argv, env, log, core: [0, 1] })
  measured.stdout.resume()
  const port = (): string | undefined => /"port":(\d+),"msg":"listening"/.exec(readFileSync(log, 'utf8'))?.[1]
  const url = `http://127.0.0.1:${await Promise.race([until('it listens', port), measured.broken])}/metrics`
  return {
    ...measured,
    metric: async (name) => sumOf(await (await fetch(url)).text(), name),
  }
}

/** `usual` is in the spec of every pipeline. */
export const openStage = async (usual: object = {}): Promise<Stage> => {
  const directory = mkdtempSync(join(tmpdir(), 'bench-operator-'))
  const world = await World.start()
  await prepare(world)
  const env = {
    ...imageEnvironment('operator', heap()),
    KUBECONFIG: await login(world, { name: 'clickstream-operator', directory }),
    RUNTIME_IMAGE: 'clickstream-runtime',
    WATCH_NAMESPACE: '*',
    POD_NAMESPACE: home,
    HTTP_PORT: '0',
  }
  let started = 0
  return {
    controllers: await playControllers(world),
    namespace: (name) => world.namespace(name),
    put: ({ namespace, name }, spec = {}) =>
      world.apply(objectPath('ClickstreamPipeline', 'v1alpha1', { namespace, name }), {
        apiVersion,
        kind: 'ClickstreamPipeline',
        metadata: { namespace, name },
        spec: { kafka: { cluster: 'data-on-eks' }, ...usual, ...spec },
      }),
    startOperator: () => start(env, join(directory, `operator-${(started += 1)}.log`)),
    requests: async () => requestsIn(await get(world.plane.api, '/metrics')),
    async close() {
      await world.end()
      rmSync(directory, { recursive: true })
    },
  }
}
