import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { KubeConfig } from '@kubernetes/client-node'
import { pino } from 'pino'
import { kubectl } from '../../../dev/binaries.ts'
import { run } from '../../../dev/command.ts'
import { type ControlPlane, startControlPlane } from '../../../dev/controlplane.ts'
import { until } from '../../../dev/until.ts'
import { apiVersion } from '../../../operator/api/crd.ts'
import type { Condition, KafkaTopic, PipelineObject } from '../../../operator/api/kubernetes.ts'
import { runPipelines } from '../../../operator/pipelines.ts'

/** The operator on a real API server without pods; the Topic Operator is played by the tests. */

const directory = mkdtempSync(join(tmpdir(), 'clickstream-operator-'))
const end = new AbortController()
let plane: ControlPlane
let program: string
let over: Promise<void>

export const kube = (args: string, input?: object) =>
  run([program, '--kubeconfig', plane.kubeconfig, ...args.split(' ')], { input: JSON.stringify(input) ?? '' })
export const json = async <T>(args: string): Promise<T | undefined> => {
  const text = await kube(`get ${args} --ignore-not-found -o json`)
  return text === '' ? undefined : JSON.parse(text)
}
export const create = (name: string, spec: object = {}) =>
  kube('apply -f -', {
    apiVersion,
    kind: 'ClickstreamPipeline',
    metadata: { name },
    spec: { kafka: { cluster: 'data-on-eks' }, ...spec },
  })
export const condition = async (name: string, type: string) => {
  const pipeline = await json<PipelineObject & { status?: { conditions?: Condition[] } }>(`csp ${name}`)
  return pipeline?.status?.conditions?.find((found) => found.type === type)
}
export const says = (name: string, type: string, reason: string) =>
  until(`${type} of ${name} says ${reason}`, async () => {
    const found = await condition(name, type)
    return found?.reason === reason && found
  })
const topicNames = (name: string) => ['panes', 'dlq', 'metrics', 'events'].map((role) => `${name}-${role}`)

/** Plays the Topic Operator: every topic of the pipeline is ready at its generation. */
export const satisfy = async (name: string) => {
  for (const topic of topicNames(name)) {
    const object = await until(`KafkaTopic ${topic}`, () => json<KafkaTopic>(`kafkatopic ${topic}`))
    const status = {
      observedGeneration: object.metadata.generation,
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }],
    }
    await kube(
      `patch kafkatopic ${topic} --subresource=status --type=merge --patch ${JSON.stringify({ status })}`,
    )
  }
}

/** Starts the API server and the operator before the tests of a file, and ends them after. */
export const serve = (): void => {
  before(async () => {
    ;[plane, program] = await Promise.all([startControlPlane({ directory, namespace: 'default' }), kubectl()])
    await kube('apply --server-side -f crds/clickstreampipelines.yaml')
    const established = 'wait --for=condition=Established crd/clickstreampipelines.clickstream.dev'
    // kubectl gives up at once while there are no conditions yet.
    await until('the CRD', async () => (await kube(established)) !== undefined)
    const config = new KubeConfig()
    config.loadFromFile(plane.kubeconfig)
    const running = await runPipelines({
      namespace: undefined,
      runtimeImage: 'clickstream-runtime',
      logger: pino({ level: 'silent' }),
      signal: end.signal,
      config,
    })
    over = running.over
  })

  after(async () => {
    end.abort()
    await over
    await plane?.stop()
    rmSync(directory, { recursive: true, force: true })
  })
}
