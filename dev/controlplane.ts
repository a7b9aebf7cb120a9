import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type ApiEndpoint, get } from './apiserver.ts'
import { etcd, kubernetes } from './binaries.ts'
import { type Certificates, certificates } from './certificates.ts'
import { type Credentials, credentials } from './credentials.ts'
import { freePorts } from './ports.ts'
import { type Daemon, kill, launch, type Placement, stop, untilReady } from './process.ts'

export interface ControlPlane {
  /** Path of the admin's kubeconfig. */
  readonly kubeconfig: string
  readonly api: ApiEndpoint
  readonly credentials: Credentials
  readonly certificates: Certificates
  readonly daemons: readonly Daemon[]
  /** Stops the API server in order and starts it again on the same data and port; watches break, tokens hold. */
  restartApiServer(): Promise<void>
  /** SIGKILL, as a crash; `restartApiServer` brings it back. */
  killApiServer(): Promise<void>
  /** SIGKILL to etcd, and a new one on the same data and port. */
  restartEtcd(): Promise<void>
  stop(): Promise<void>
}

export interface ControlPlaneOptions {
  /** Data, keys, kubeconfigs and logs go here. */
  directory: string
  /** Address that it serves on and says it has; default 127.0.0.1, on free ports. */
  address?: string
  /** Default: a free one. */
  port?: number
  /** Namespace of the kubeconfig's context. */
  namespace?: string
  /** Further flags of the API server. */
  flags?: readonly string[]
  placement?: Placement
}

interface Plane extends Required<Omit<ControlPlaneOptions, 'namespace' | 'port'>> {
  apiPort: number
  etcdPort: number
  peerPort: number
  certificates: Certificates
  credentials: Credentials
  api: ApiEndpoint
}

/**
 * etcd, kube-apiserver and kube-controller-manager: all of Kubernetes but pods. Needs no root, is ready in seconds,
 * and dies with the Node process that started it unless `placement` says otherwise.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const plane = await prepare(options)
  const daemons = new Map<string, Daemon>()
  const start = async (name: string, argv: readonly string[], answers: () => Promise<unknown>) => {
    const daemon = await launch({ name, argv, log: join(plane.directory, `${name}.log`), ...plane.placement })
    daemons.set(name, daemon)
    await untilReady(daemon, () => answers().then(() => true))
  }
  const apiServer = async () =>
    start('kube-apiserver', await apiServerArgs(plane), () => get(plane.api, '/readyz'))
  const serviceAccount = '/api/v1/namespaces/default/serviceaccounts/default'
  const named = (name: string) => [daemons.get(name)].filter((daemon) => daemon !== undefined)
  try {
    await start('etcd', await etcdArgs(plane), async () => undefined) // the API server waits for it
    await apiServer()
    await start('kube-controller-manager', await controllerManagerArgs(plane), () =>
      get(plane.api, serviceAccount),
    )
  } catch (error) {
    await Promise.all([...daemons.values()].map(kill))
    throw error
  }
  return {
    kubeconfig: plane.credentials.kubeconfig('admin'),
    api: plane.api,
    credentials: plane.credentials,
    certificates: plane.certificates,
    get daemons() {
      return [...daemons.values()]
    },
    async restartApiServer() {
      await Promise.all(named('kube-apiserver').map((daemon) => stop(daemon, 3000)))
      await apiServer()
    },
    async killApiServer() {
      await Promise.all(named('kube-apiserver').map(kill))
    },
    async restartEtcd() {
      await Promise.all(named('etcd').map(kill))
      await start('etcd', await etcdArgs(plane), () => get(plane.api, '/readyz'))
    },
    async stop() {
      await Promise.all([...daemons.values()].map(kill)) // the data is a test's: nothing to flush
    },
  }
}

async function prepare(options: ControlPlaneOptions): Promise<Plane> {
  const {
    directory,
    address = '127.0.0.1',
    namespace = 'default',
    flags = [],
    placement = { lifetime: 'bound' },
  } = options
  mkdirSync(directory, { recursive: true })
  const [free = 0, etcdPort = 0, peerPort = 0] = await freePorts(3)
  const apiPort = options.port ?? free
  const server = `https://${address}:${apiPort}`
  const keys = await certificates(join(directory, 'keys'), [address, '10.96.0.1'])
  const tokens = credentials(directory, { server, authority: keys.authority, namespace })
  const api = { server, authority: keys.authority, token: tokens.adminToken }
  return {
    directory,
    address,
    flags,
    placement,
    apiPort,
    etcdPort,
    peerPort,
    certificates: keys,
    credentials: tokens,
    api,
  }
}

async function etcdArgs({ directory, etcdPort, peerPort }: Plane): Promise<string[]> {
  const client = `http://127.0.0.1:${etcdPort}`
  const peer = `http://127.0.0.1:${peerPort}`
  return [
    await etcd(),
    `--data-dir=${join(directory, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ]
}

async function apiServerArgs(plane: Plane): Promise<string[]> {
  const { server, kubeletClient, authority, serviceAccounts } = plane.certificates
  const local = plane.address === '127.0.0.1'
  return [
    await kubernetes('kube-apiserver'),
    `--etcd-servers=http://127.0.0.1:${plane.etcdPort}`,
    `--secure-port=${plane.apiPort}`,
    `--bind-address=${local ? '127.0.0.1' : '0.0.0.0'}`,
    `--advertise-address=${plane.address}`,
    // A loopback address is refused as an endpoint of the Service `kubernetes`, which no pod will ask for.
    ...(local ? ['--endpoint-reconciler-type=none'] : []),
    `--tls-cert-file=${server.certificate}`,
    `--tls-private-key-file=${server.key}`,
    `--client-ca-file=${authority}`,
    `--token-auth-file=${plane.credentials.tokenFile}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${serviceAccounts}`,
    `--service-account-signing-key-file=${serviceAccounts}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    `--kubelet-client-certificate=${kubeletClient.certificate}`,
    `--kubelet-client-key=${kubeletClient.key}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--profiling=false',
    ...plane.flags,
  ]
}

async function controllerManagerArgs({ certificates: keys, credentials: tokens }: Plane): Promise<string[]> {
  return [
    await kubernetes('kube-controller-manager'),
    `--kubeconfig=${tokens.kubeconfig('kube-controller-manager')}`,
    `--service-account-private-key-file=${keys.serviceAccounts}`,
    `--root-ca-file=${keys.authority}`,
    '--use-service-account-credentials=true',
    '--leader-elect=false',
    '--secure-port=0',
    '--kube-api-qps=200', // by default 20 in a second: a hundred Deployments wait half a minute
    '--kube-api-burst=400',
  ]
}
