import assert from 'node:assert/strict'
import { type Logger, pino } from 'pino'
import { until } from '../../dev/until.ts'
import { apiVersion } from '../../operator/api/crd.ts'
import type { KubernetesObject } from '../../operator/api/kubernetes.ts'
import type { PipelinesOptions } from '../../operator/pipelines.ts'
import { type Network, startNetwork } from './network.ts'
import { type Operator, startOperator } from './operator.ts'
import { ApiProxy } from './proxy.ts'
import { account } from './role.ts'
import { difference, hintIsDue, isTold, lasting, told } from './snapshot.ts'
import type { Stage } from './stage.ts'

const pipelinePath = (namespace: string, name = 'shop') =>
  `/apis/clickstream.dev/v1alpha1/namespaces/${namespace}/clickstreampipelines/${name}`

/** Where the API server has what is looked at. */
const groups: Readonly<Record<string, string>> = {
  clickstreampipelines: 'apis/clickstream.dev/v1alpha1',
  kafkatopics: 'apis/kafka.strimzi.io/v1',
  deployments: 'apis/apps/v1',
  services: 'api/v1',
  pods: 'api/v1',
  events: 'apis/events.k8s.io/v1',
}

/** What a pipeline is made of. */
const parts = ['clickstreampipelines', 'kafkatopics', 'deployments', 'services']

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
  /** Of the operator's service account, which has the rights that we ship and no more. */
  readonly token: string
  readonly #operators: Operator[] = []
  #options: Partial<PipelinesOptions> = {}
  readonly #end = new AbortController()
  /** Aborts when the trial is over. */
  readonly ended = this.#end.signal
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
    this.token = given.token
  }

  /** Starts an operator, on the wire of this moment; one that follows has the same options. */
  async start(options: Partial<PipelinesOptions> = this.#options): Promise<Operator> {
    this.#options = options
    const operator = await startOperator({
      namespace: this.namespace,
      leaseNamespace: this.namespace,
      logger: this.logger,
      config: this.stage.world.config({ port: this.network.port, token: this.token }),
      discoveryEvery: { present: 1_000, absent: 1_000 },
      ...options,
    })
    this.#operators.push(operator)
    if (this.ended.aborted) await this.stop() // one that follows a crash at the very end
    return operator
  }

  /** The operator that ran is cut off for good, as by SIGKILL; the next one finds the wire whole, and the lease as it was. */
  async crash(): Promise<void> {
    this.network.refuse()
    this.#dead.push(this.network)
    this.network = await startNetwork(this.#port)
    if (this.ended.aborted) this.network.close() // a crash at the very end
  }

  /** Takes the lease away, so that nobody waits for its end. */
  async freeLease(): Promise<void> {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${this.namespace}/leases/clickstream-operator`
    await this.stage.world.admin.request({ method: 'DELETE', path }).catch(() => {})
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
    const path = `/${groups[plural]}/namespaces/${this.namespace}/${plural}`
    return JSON.stringify(await this.stage.world.admin.request({ method: 'GET', path }))
  }

  /** All that the pipeline is made of, without what differs from run to run, as text. */
  async snapshot(): Promise<string> {
    const lists = await Promise.all(parts.map((plural) => this.list(plural)))
    const lines = lists.flat().map((object) => JSON.stringify(lasting(object)))
    return lines
      .sort()
      .join('\n')
      .replaceAll(this.namespace, 'NAMESPACE')
      .replaceAll(/(PIPELINE_CREATED_MS","value":")\d+/g, '$1')
  }

  /** The events about pipelines. */
  async told(): Promise<string[]> {
    return told(await this.list('events'))
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

  /** When nothing moves any more, a new operator makes a pass over everything, and writes nothing at all. */
  async secondPass(): Promise<void> {
    await this.calm(1_000)
    await this.stop()
    const from = this.proxy.calls.length
    const all = (await this.list('clickstreampipelines')).length
    const next = await this.start()
    await until('a pass over everything', async () => (await next.passes()) >= all, { deadline: 60_000 })
    await this.stop()
    const written = this.proxy.since(from).filter(({ method }) => method !== 'GET')
    assert.deepEqual(
      written.map(({ method, path, body }) => `${method} ${path} ${body}`),
      [],
      'the second pass wrote',
    )
    await this.start()
  }

  /** When nothing moves for so many milliseconds: what a clock will bring comes within a minute. */
  async calm(ms: number): Promise<void> {
    await stands(() => this.#moving(), ms, 90_000)
  }

  /** What operator and controllers have done; another text each time while one owes the other an answer. */
  async #moving(): Promise<string> {
    const [pipelines = [], deployments = []] = await Promise.all(
      ['clickstreampipelines', 'deployments'].map((plural) => this.list(plural)),
    )
    const isOver = isTold(pipelines, deployments) && !pipelines.some(hintIsDue)
    const versions = [...pipelines, ...deployments].map(({ metadata }) => metadata.resourceVersion)
    const passes = await this.#operators.at(-1)?.passes()
    return [...versions, passes, this.proxy.writes().length, isOver || performance.now()].join()
  }

  /** The operators end in order. */
  async stop(): Promise<void> {
    await Promise.all(this.#operators.splice(0).map((operator) => operator.stop()))
  }

  async end(): Promise<void> {
    this.#end.abort()
    this.proxy.rule = (_call, pass) => pass()
    await this.stop()
    for (const network of [this.network, ...this.#dead]) network.close()
    this.proxy.close()
  }
}

/** What is looked at, when it did not change for so many milliseconds. */
export const stands = async (look: () => Promise<string>, ms: number, deadline = 30_000): Promise<string> => {
  let last: string | undefined
  let since = Date.now()
  return until(
    'an end',
    async () => {
      const now = await look()
      if (now !== last) since = Date.now()
      last = now
      return Date.now() - since > ms && now
    },
    { deadline },
  )
}
