import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { get } from './apiserver.ts'
import { coredns, etcd, kubectl as kubectlBinary, kubernetes, pause } from './binaries.ts'
import { lock, stateRoot } from './cache.ts'
import { run } from './command.ts'
import { type ControlPlane, startControlPlane } from './controlplane.ts'
import { disclose, enclose } from './enclosure.ts'
import { importImage, pauseArchive } from './images.ts'
import { type Instance, instance } from './instance.ts'
import { type Broker, jars, startKafka } from './kafka.ts'
import { startContainerd, startNode } from './node.ts'
import { kafkaObjects } from './objects.ts'
import { prerequisites } from './prerequisites.ts'
import { alive, type Daemon, type Placement } from './process.ts'
import { step } from './progress.ts'
import { until } from './until.ts'

/** What a running cluster's users need to know; also what is recorded of it. */
export interface Cluster {
  instance: Instance
  /** Path of the admin's kubeconfig; its namespace is `kafka`. */
  kubeconfig: string
  /** Reaches Kafka from the machine and from pods. */
  bootstrapServers: string
  kubectl: string
  daemons: readonly Daemon[]
}

/** Starts the cluster called `name`, or returns the one that runs. Remains of one that died are removed first. */
export async function up(name: string): Promise<Cluster & { fresh: boolean }> {
  const place = instance(name)
  await prerequisites()
  return exclusively(place, async () => {
    const running = found(place)
    if (running) return { ...running, fresh: false }
    await remove(place)
    return { ...(await createOrNothing(place)), fresh: true }
  })
}

/** Removes all that `up` made and that its pods did. False when there was nothing. */
export async function down(name: string): Promise<boolean> {
  const place = instance(name)
  return exclusively(place, () => remove(place))
}

/** The cluster called `name` if all of it runs. */
export function found(place: Instance): Cluster | undefined {
  const cluster = recorded(place)
  return cluster?.daemons.every(alive) ? cluster : undefined
}

/** What was recorded of the cluster, whether it still runs or not. */
export function recorded({ directory }: Instance): Cluster | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, 'cluster.json'), 'utf8'))
  } catch {
    return undefined
  }
}

/** Runs kubectl on the cluster and returns what it prints. */
export function kubectl(
  { kubectl: program, kubeconfig }: Cluster,
  ...words: readonly string[]
): Promise<string> {
  return run([program, '--kubeconfig', kubeconfig, ...words])
}

async function exclusively<T>({ name }: Instance, work: () => Promise<T>): Promise<T> {
  mkdirSync(stateRoot(), { recursive: true })
  const unlock = await lock(join(stateRoot(), `${name}.lock`))
  try {
    return await work()
  } finally {
    unlock()
  }
}

async function remove(place: Instance): Promise<boolean> {
  const existed = existsSync(place.directory)
  await disclose(place)
  rmSync(place.directory, { recursive: true, force: true })
  return existed
}

/** A failure, or Ctrl-C, leaves no process; the logs stay until the next `up` or `down`. */
async function createOrNothing(place: Instance): Promise<Cluster> {
  let interruption: Promise<void> | undefined
  const interrupted = () => {
    interruption = disclose(place).finally(() => process.exit(130))
  }
  process.once('SIGINT', interrupted)
  try {
    return await create(place)
  } catch (error) {
    await (interruption ?? disclose(place))
    throw error
  } finally {
    process.off('SIGINT', interrupted)
  }
}

async function create(place: Instance): Promise<Cluster> {
  mkdirSync(place.directory, { recursive: true, mode: 0o700 })
  const { holder, placement } = await enclose(place)
  prebuild()
  const [kafka, daemons] = await Promise.all([
    jars().then(() => step('Kafka', () => startBroker(place, placement))),
    startKubernetes(place, placement),
  ])
  const cluster = {
    instance: place,
    kubeconfig: join(place.directory, 'kubeconfig'),
    bootstrapServers: kafka.bootstrapServers,
    kubectl: await kubectlBinary(),
    daemons: [holder, kafka.daemon, ...daemons],
  }
  writeFileSync(join(place.directory, 'cluster.json'), JSON.stringify(cluster))
  return cluster
}

/** Asks for all programs at once, the API server first: the others are built while it starts. */
function prebuild(): void {
  const first = [pause(), kubernetes('kube-apiserver'), etcd(), kubernetes('kube-controller-manager')]
  const then = [kubernetes('kubelet'), kubernetes('kube-scheduler'), kubernetes('kube-proxy')]
  const building = [...first, ...then, coredns(), kubectlBinary()]
  for (const binary of building) binary.catch(() => undefined) // said by whoever awaits it
}

function startBroker({ directory, inside }: Instance, placement: Placement): Promise<Broker> {
  return startKafka({
    directory: join(directory, 'kafka'),
    host: inside,
    port: 9092,
    controllerPort: 9093,
    placement,
  })
}

async function startKubernetes(place: Instance, placement: Placement): Promise<Daemon[]> {
  const { directory, inside: address } = place
  await Promise.all([kubernetes('kube-apiserver'), etcd(), kubernetes('kube-controller-manager')])
  const options = {
    directory: join(directory, 'control-plane'),
    address,
    port: 6443,
    namespace: 'kafka',
    placement,
  }
  const [plane, containerd] = await Promise.all([
    step('Kubernetes control plane', () => startControlPlane(options)),
    step('containerd', () => startContainers(place, placement)),
  ])
  copyFileSync(plane.kubeconfig, join(directory, 'kubeconfig'))
  await Promise.all([
    kubernetes('kubelet'),
    kubernetes('kube-scheduler'),
    kubernetes('kube-proxy'),
    coredns(),
  ])
  const node = await step('node and DNS', () => startNode({ instance: place, placement }, plane))
  await step('namespace kafka', () => createNamespace(place, plane))
  return [...plane.daemons, containerd, ...node]
}

async function startContainers(place: Instance, placement: Placement): Promise<Daemon> {
  const [containerd, archive] = await Promise.all([
    startContainerd({ instance: place, placement }),
    pauseArchive(),
  ])
  await importImage(place, archive)
  return containerd
}

/** Resolves when pods can be created: the namespace's service account is made by the controller manager. */
async function createNamespace({ directory, inside }: Instance, { api }: ControlPlane): Promise<void> {
  const apply = [await kubectlBinary(), '--kubeconfig', join(directory, 'kubeconfig'), 'apply', '-f', '-']
  await run(apply, { input: JSON.stringify(kafkaObjects(inside)) })
  await until('the service account of namespace kafka', () =>
    get(api, '/api/v1/namespaces/kafka/serviceaccounts/default'),
  )
}
