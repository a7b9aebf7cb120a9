import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import { pino } from 'pino'
import { parseAllDocuments } from 'yaml'
import { type ControlPlane, startControlPlane } from '../../../dev/controlplane.ts'
import { until } from '../../../dev/until.ts'
import type { Key } from '../../../operator/api/kubernetes.ts'
import { type Client, openClient } from '../../../operator/kube/client.ts'
import { type ClusterOptions, type ConnectedCluster, connectCluster } from '../../../operator/kube/cluster.ts'

const root = join(import.meta.dirname, '../../..')
const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const topicCrd = `${crds}/kafkatopics.kafka.strimzi.io`

/** What became known of the cluster, a line each: `added Service shop/x`. */
export interface Watched {
  cluster: ConnectedCluster
  changes: string[]
}

/** A real API server, and what an administrator does with it. */
export class World {
  readonly plane: ControlPlane
  readonly admin: Client
  readonly #directory: string
  readonly #connected: ConnectedCluster[] = []

  /** `flags` are further ones of the API server. */
  static async start(flags: readonly string[] = []): Promise<World> {
    const directory = mkdtempSync(join(tmpdir(), 'kube-'))
    return new World(directory, await startControlPlane({ directory, flags }))
  }

  constructor(directory: string, plane: ControlPlane) {
    this.#directory = directory
    this.plane = plane
    this.admin = openClient({ config: this.config() })
  }

  get port(): number {
    return Number(new URL(this.plane.api.server).port)
  }

  /** The administrator's way to the API server, or another user's, perhaps through a proxy. */
  config({ port, token }: { port?: number; token?: string } = {}): KubeConfig {
    const config = new KubeConfig()
    config.loadFromFile(this.plane.kubeconfig)
    const cluster = config.getCurrentCluster()
    const user = config.getCurrentUser()
    if (!cluster || !user) throw new Error('the kubeconfig is empty')
    return Object.assign(config, {
      clusters: [{ ...cluster, ...(port === undefined ? {} : { server: `https://127.0.0.1:${port}` }) }],
      users: [{ ...user, ...(token === undefined ? {} : { token }) }],
    })
  }

  /** A cluster that watches; its changes are kept. */
  async connect(options: Partial<ClusterOptions> = {}): Promise<Watched> {
    const changes: string[] = []
    const cluster = await connectCluster({
      config: this.config(),
      fieldManager: 'clickstream-operator',
      kinds: ['KafkaTopic', 'Service'],
      onChange: (kind, { metadata }, type) =>
        changes.push(`${type} ${kind} ${metadata.namespace}/${metadata.name}`),
      logger: pino({ level: process.env['LOG_LEVEL'] ?? 'silent' }),
      discoveryEvery: { present: 200, absent: 200 },
      ...options,
    })
    this.#connected.push(cluster)
    return { cluster, changes }
  }

  async namespace(name: string): Promise<void> {
    await this.apply(`/api/v1/namespaces/${name}`, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    })
    // Its service account comes later; what we make in it does not need one.
  }

  /** Server-side apply of anything. */
  apply(path: string, body: object): Promise<unknown> {
    const query = { fieldManager: 'admin', force: 'true' }
    return this.admin.request({
      method: 'PATCH',
      path,
      query,
      body,
      contentType: 'application/apply-patch+yaml',
    })
  }

  /** Installs our CRD of KafkaTopic. */
  async installTopics(): Promise<void> {
    const [crd] = parseAllDocuments(readFileSync(join(root, 'config/topics/kafkatopics.yaml'), 'utf8'))
    await this.apply(topicCrd, crd?.toJS() as object)
    await until('KafkaTopic served', () =>
      this.admin.request({ method: 'GET', path: '/apis/kafka.strimzi.io/v1/kafkatopics' }).then(() => true),
    )
  }

  async removeTopics(): Promise<void> {
    await this.admin.request({ method: 'DELETE', path: topicCrd })
  }

  service({ namespace, name }: Key): Promise<unknown> {
    return this.apply(servicePath({ namespace, name }), {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace, name },
      spec: { ports: [{ port: 80 }] },
    })
  }

  async removeService(key: Key): Promise<void> {
    await this.admin.request({ method: 'DELETE', path: servicePath(key) })
  }

  /** A token of a new service account without any right. */
  async account(key: Key): Promise<string> {
    const path = `/api/v1/namespaces/${key.namespace}/serviceaccounts/${key.name}`
    await this.apply(path, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: key })
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }
    const answer = await this.admin.request({ method: 'POST', path: `${path}/token`, body })
    return (answer as { status: { token: string } }).status.token
  }

  async end(): Promise<void> {
    await Promise.all(this.#connected.map((cluster) => cluster.close()))
    this.admin.close()
    await this.plane.stop()
    rmSync(this.#directory, { recursive: true })
  }
}

const servicePath = ({ namespace, name }: Key) => `/api/v1/namespaces/${namespace}/services/${name}`
