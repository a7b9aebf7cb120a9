import assert from 'node:assert/strict'
import { type Logger, pino } from 'pino'
import { Registry } from 'prom-client'
import { until } from '../../dev/until.ts'
import { apiVersion } from '../../operator/api/crd.ts'
import type { KubernetesObject } from '../../operator/api/kubernetes.ts'
import { type PipelinesOptions, runPipelines } from '../../operator/pipelines.ts'
import { type Network, startNetwork } from './network.ts'
import { ApiProxy } from './proxy.ts'
import { account } from './role.ts'
import { difference, lasting } from './snapshot.ts'
import type { Stage } from './stage.ts'

export interface Operator {
  /** Passes that have ended. */
  passes(): Promise<number>
  /** SIGTERM: resolves when it has ended in order. */
  stop(): Promise<void>
}

const pipelinePath = (namespace: string, name = 'shop') =>
  `/apis/clickstream.dev/v1alpha1/namespaces/${namespace}/clickstreampipelines/${name}`

const collections = [
  ['clickstream.dev/v1alpha1', 'clickstreampipelines'],
  ['kafka.strimzi.io/v1', 'kafkatopics'],
  ['apps/v1', 'deployments'],
] as const

/**
 * A pipeline `shop` in a namespace of its own, and operators that see the API server through a proxy, with the rights that we
 * ship and no more.
 */
export class Trial {
  readonly stage: Stage
  readonly namespace: string
  readonly proxy: ApiProxy
  network: Network
  readonly #port: number
  readonly #token: string
  readonly #operators: Operator[] = []
  /** Those of operators that were cut off. */
  readonly #dead: Network[] = []
  readonly logger: Logger = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' })

  static async open(stage: Stage, namespace: string): Promise<Trial> {
    const token = await account({ stage, namespace })
    const proxy = new ApiProxy(stage.world.plane)
    const port = await proxy.listen()
    return new Trial({ stage, namespace, token, proxy, port, network: await startNetwork(port) })
  }

  constructor(given: {
    stage: Stage
    namespace: string
    token: string
    proxy: ApiProxy
    port: number
    network: Network
  }) {
    this.stage = given.stage
    this.namespace = given.namespace
    this.proxy = given.proxy
    this.network = given.network
    this.#port = given.port
    this.#token = given.token
  }

  /** Starts an operator, on the wire of this moment. */
  async start(options: Partial<PipelinesOptions> = {}): Promise<Operator> {
    const end = new AbortController()
    const registry = new Registry()
    const running = await runPipelines({
      namespace: this.namespace,
      leaseNamespace: this.namespace,
      runtimeImage: 'clickstream-runtime',
      logger: this.logger,
      signal: end.signal,
      registry,
      config: this.stage.world.config({
        port: this.network.port,
        ...(this.#token && { token: this.#token }),
      }),
      discoveryEvery: { present: 1_000, absent: 1_000 },
      ...options,
    })
    const operator = {
      passes: async () => {
        const { values } = (await registry.getSingleMetric('controller_runtime_reconcile_total')?.get()) ?? {
          values: [],
        }
        return values.reduce((sum, { value }) => sum + value, 0)
      },
      stop: () => {
        end.abort()
        return running.over
      },
    }
    this.#operators.push(operator)
    return operator
  }

  /** The operator that ran is cut off for good, as by SIGKILL; the next one finds the wire whole and the lease free. */
  async crash(): Promise<void> {
    this.network.refuse()
    this.#dead.push(this.network)
    this.network = await startNetwork(this.#port)
    await this.stage.world.admin
      .request({
        method: 'DELETE',
        path: `/apis/coordination.k8s.io/v1/namespaces/${this.namespace}/leases/clickstream-operator`,
      })
      .catch(() => {})
  }

  /** The story of each trial: a pipeline is made, and edited when its pods are there. */
  async tell(): Promise<void> {
    await this.create()
    await this.edit()
  }

  async create(): Promise<void> {
    await this.put({ producer: { rate: 10 } })
    await until('the pods', () => this.get('deployments', 'shop-processor'), { deadline: 120_000 })
  }

  async edit(): Promise<void> {
    await this.put({ producer: { rate: 77 }, deletionPolicy: 'Delete' })
  }

  /** Deletes the pipeline. */
  async remove(name = 'shop'): Promise<void> {
    await this.stage.world.admin.request({ method: 'DELETE', path: pipelinePath(this.namespace, name) })
  }

  /** The operator started last. */
  operator(): Operator {
    return this.#operators.at(-1) ?? assert.fail('no operator was started')
  }

  put(spec: object, name = 'shop'): Promise<unknown> {
    return this.stage.world.apply(pipelinePath(this.namespace, name), {
      apiVersion,
      kind: 'ClickstreamPipeline',
      metadata: { name, namespace: this.namespace },
      spec: { kafka: { cluster: 'data-on-eks' }, ...spec },
    })
  }

  async get(plural: string, name: string): Promise<KubernetesObject | undefined> {
    return (await this.list(plural)).find(({ metadata }) => metadata.name === name)
  }

  async list(plural: string): Promise<KubernetesObject[]> {
    const { items } = JSON.parse(await this.raw(plural)) as { items: KubernetesObject[] }
    return items.map((item) => ({ ...item, kind: plural }))
  }

  /** A list as the API server gives it. */
  async raw(plural: string): Promise<string> {
    const group = collections.find(([, found]) => found === plural)?.[0]
    const path = `${group ? `/apis/${group}` : '/api/v1'}/namespaces/${this.namespace}/${plural}`
    return JSON.stringify(await this.stage.world.admin.request({ method: 'GET', path }))
  }

  /** All that the pipeline is made of, without what differs from run to run, as text. */
  async snapshot(): Promise<string> {
    const lists = await Promise.all(
      [...collections.map(([, plural]) => plural), 'services'].map((plural) => this.list(plural)),
    )
    const lines = lists.flat().map((object) => JSON.stringify(lasting(object)))
    return lines
      .sort()
      .join('\n')
      .replaceAll(this.namespace, 'NAMESPACE')
      .replaceAll(/(PIPELINE_CREATED_MS","value":")\d+/g, '$1')
  }

  /** Waits until all is as after a run without a fault. */
  async settled(deadline: number): Promise<void> {
    await this.reaches(await this.stage.expected(), { deadline, what: 'the same objects as without a fault' })
  }

  /** Waits until the snapshot is this one. */
  async reaches(expected: string, { deadline, what }: { deadline: number; what: string }): Promise<void> {
    let found = ''
    const same = async () => (found = await this.snapshot()) === expected
    await until(what, same, { deadline, every: 250 }).catch(() =>
      assert.deepEqual(difference(found, expected), [], what),
    )
  }

  /** The snapshot when it stands still. */
  still(): Promise<string> {
    return stands(() => this.snapshot(), 3_000)
  }

  /**
   * A new operator makes a pass over everything and writes no child: at most the last of a status that the one before,
   * hit by the fault, had still to tell. When nothing moves any more, another one writes nothing at all.
   */
  async secondPass(): Promise<void> {
    await this.#rolledOut()
    const first = await this.#onTop()
    assert.deepEqual(
      first.filter((line) => !line.includes('/status ')),
      [],
      'the second pass wrote a child',
    )
    await stands(() => Promise.resolve(String(this.proxy.writes().length)), 1_000)
    assert.deepEqual(await this.#onTop(), [], 'the second pass wrote')
  }

  /** The controller of Deployments and the operator answer each other for a while. */
  async #rolledOut(): Promise<void> {
    const versions = (list: KubernetesObject[]) => list.map(({ metadata }) => metadata.resourceVersion).join()
    await stands(async () => versions(await this.list('deployments')), 1_000)
  }

  /** What an operator that is started anew writes in its first pass. */
  async #onTop(): Promise<string[]> {
    await Promise.all(this.#operators.splice(0).map((operator) => operator.stop()))
    const from = this.proxy.calls.length
    const all = (await this.list('clickstreampipelines')).length
    const next = await this.start()
    await until('a pass over everything', async () => (await next.passes()) >= all, { deadline: 60_000 })
    return this.proxy.writes(from).map(({ method, path, body }) => `${method} ${path} ${body}`)
  }

  async end(): Promise<void> {
    this.proxy.rule = (_call, pass) => pass()
    await Promise.all(this.#operators.splice(0).map((operator) => operator.stop()))
    for (const network of [this.network, ...this.#dead]) network.close()
    this.proxy.close()
  }
}

/** What is looked at, when it did not change for so many milliseconds. */
export const stands = async (look: () => Promise<string>, ms: number): Promise<string> => {
  let last: string | undefined
  let since = Date.now()
  return until('an end', async () => {
    const now = await look()
    if (now !== last) since = Date.now()
    last = now
    return Date.now() - since > ms && now
  })
}
