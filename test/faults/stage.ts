import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { pino } from 'pino'
import { until } from '../../dev/until.ts'
import type { KafkaTopic, KubernetesObject } from '../../operator/api/kubernetes.ts'
import { World } from '../integration/kube/world.ts'
import { auditFlags, auditIn, usedBy } from '../live/audit.ts'
import { operatorAccount } from './role.ts'
import { Trial } from './trial.ts'

const root = join(import.meta.dirname, '../..')
const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** The API server of all trials, an administrator, and the Topic Operator, played. */
export class Stage {
  readonly world: World
  /** Namespaces in which the Topic Operator is absent. */
  readonly absent = new Set<string>()
  #expected: Promise<string> | undefined
  readonly #directory: string
  readonly #end = new AbortController()

  static async open(): Promise<Stage> {
    const directory = mkdtempSync(join(tmpdir(), 'audit-'))
    const stage = new Stage(directory, await World.start(auditFlags(directory)))
    await stage.install('crds/clickstreampipelines.yaml', 'clickstream.dev/v1alpha1/clickstreampipelines')
    await stage.world.installTopics()
    await stage.#playTopicOperator()
    return stage
  }

  constructor(directory: string, world: World) {
    this.#directory = directory
    this.world = world
  }

  /** Installs the CustomResourceDefinition of a file, changed if need be. */
  async install(file: string, served: string, change: (crd: object) => object = (crd) => crd): Promise<void> {
    const crd = change(parse(readFileSync(join(root, file), 'utf8')) as object) as KubernetesObject
    await this.world.apply(`${crds}/${crd.metadata.name}`, crd)
    await until(served, () =>
      this.world.admin.request({ method: 'GET', path: `/apis/${served}` }).then(() => true),
    )
  }

  /** A trial in a namespace of its own. */
  trial(namespace: string): Promise<Trial> {
    return Trial.open(this, namespace)
  }

  /** What a run without any fault ends with. */
  expected(): Promise<string> {
    return (this.#expected ??= this.#undisturbed())
  }

  /** What the operators of all trials have asked for so far, each right once. */
  rights(): string[] {
    const ours = auditIn(this.#directory).filter(({ user }) => user.username.endsWith(`:${operatorAccount}`))
    return usedBy(ours)
  }

  async close(): Promise<void> {
    this.#end.abort()
    await this.world.end()
    rmSync(this.#directory, { recursive: true })
  }

  async #undisturbed(): Promise<string> {
    const trial = await this.trial('undisturbed')
    try {
      await trial.start()
      await trial.tell()
      return await trial.still()
    } finally {
      await trial.end()
    }
  }

  /** Every topic is ready at its generation. */
  async #playTopicOperator(): Promise<void> {
    const { cluster } = await this.world.connect({
      fieldManager: 'clickstream-topics',
      kinds: ['KafkaTopic'],
      logger: pino({ level: 'silent' }),
      signal: this.#end.signal,
      onChange: (_kind, object, type) => {
        if (type === 'deleted' || this.absent.has(object.metadata.namespace)) return
        const { metadata, status, apiVersion } = object as KafkaTopic
        if (status?.observedGeneration === metadata.generation) return
        void cluster.applyStatus(ready(apiVersion, object)).catch(() => {})
      },
    })
    await cluster.whenSynced
  }
}

/** The status of a topic that Kafka has as it is wanted. */
export const ready = (apiVersion: string, { metadata }: KubernetesObject) => ({
  apiVersion,
  kind: 'KafkaTopic' as const,
  metadata: { namespace: metadata.namespace, name: metadata.name },
  status: {
    observedGeneration: metadata.generation,
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }],
  },
})
