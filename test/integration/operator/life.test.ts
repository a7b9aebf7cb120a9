import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../../dev/until.ts'
import { apiVersion } from '../../../operator/api/crd.ts'
import type {
  Condition,
  Deployment,
  KubernetesObject,
  PipelineObject,
} from '../../../operator/api/kubernetes.ts'
import { create, json, kube, satisfy, says, serve } from './world.ts'

/** The life of a pipeline on a real API server with the real Deployment controller; the kubelet is played. */

interface Pod extends KubernetesObject {
  status: { conditions?: Condition[] }
}

serve()
const [crds, topics] = ['crds/clickstreampipelines.yaml', 'config/topics/kafkatopics.yaml']

/** Plays the kubelet: every pod of a pipeline's role that there is now is ready. */
const run = async (name: string, role: string) => {
  const selector = `app.kubernetes.io/instance=${name},app.kubernetes.io/component=${role}`
  const list = await json<{ items: Pod[] }>(`pods --selector=${selector}`)
  for (const { metadata } of list?.items ?? []) {
    const at = { lastTransitionTime: '2026-01-01T00:00:00Z', lastProbeTime: null, status: 'True' }
    const status = {
      phase: 'Running',
      conditions: [
        { type: 'Ready', ...at },
        { type: 'ContainersReady', ...at },
      ],
    }
    const patch = JSON.stringify({ status })
    await kube(`patch pod ${metadata.name} --subresource=status --type=merge --patch ${patch}`)
  }
  return list?.items.length ?? 0
}
const deployment = (name: string) => json<Deployment>(`deployment ${name}`)
const roles = ['producer', 'processor', 'consumer']
const runAll = async (name: string) => {
  for (const role of roles) {
    await until(`pods of ${name}-${role}`, async () => (await run(name, role)) > 0, { deadline: 30_000 })
  }
}

test('kubectl wait for Ready returns when every Deployment is available at the newest generation, and not before', async () => {
  await kube(`apply --server-side -f ${crds} -f ${topics}`)
  await create('shop')
  await until('the topics', () => json('kafkatopic shop-events'), { deadline: 40_000 })
  await satisfy('shop')
  await until('the Deployments', () => deployment('shop-consumer'))
  await assert.rejects(kube('wait csp/shop --for=condition=Ready --timeout=2s'), /timed out/)
  await runAll('shop')
  await kube('wait csp/shop --for=condition=Ready --timeout=30s')
  for (const role of roles) {
    const { metadata, spec, status } = (await deployment(`shop-${role}`))!
    assert.equal(status?.observedGeneration, metadata.generation)
    assert.equal(status?.availableReplicas, spec.replicas)
  }
  for (const spec of [{ producer: { rate: 7 } }, {}]) {
    await create('shop', spec)
    await assert.rejects(kube('wait csp/shop --for=condition=Ready --timeout=2s'), /timed out/)
    await until('a new pod', async () => (await deployment('shop-producer'))?.status?.replicas === 2)
    await runAll('shop')
    await kube('wait csp/shop --for=condition=Ready --timeout=30s')
  }
})

test('brokers that do not exist leave the running pods alone', async () => {
  await create('shop', { kafka: { cluster: 'data-on-eks', bootstrapServers: 'nowhere:9092' } })
  await until('the new pods', async () => {
    const { status } = (await deployment('shop-processor'))!
    return status?.updatedReplicas === 1 && status.replicas === 2
  })
  const { status } = (await deployment('shop-processor'))!
  assert.equal(status?.availableReplicas, 1)
  await says('shop', 'Ready', 'RollingOut')
  await create('shop')
  await until('the old pods alone', async () => (await deployment('shop-processor'))?.status?.replicas === 1)
  await kube('wait csp/shop --for=condition=Ready --timeout=30s')
})

test('what kubectl scale sets on an autoscaled role stays through an edit of the pipeline', async () => {
  const processor = { replicas: 2, autoscaled: true }
  await create('shop', { processor })
  await until('the pass', async () => {
    const { metadata, status } = (await json<PipelineObject>('csp shop'))!
    return status?.['observedGeneration'] === metadata.generation
  })
  assert.equal((await deployment('shop-processor'))?.spec.replicas, 1)
  await kube('scale deployment shop-processor --replicas=4')
  await create('shop', { processor: { ...processor, window: { size: '1m' } } })
  const edited = await until('the edit', async () => {
    const found = await deployment('shop-processor')
    const env = found?.spec.template.spec.containers[0]?.env ?? []
    return env.some(({ name, value }) => name === 'WINDOW_SIZE_MS' && value === '60000') && found
  })
  assert.equal(edited.spec.replicas, 4)
})

test('kubectl scale of the pipeline scales its processors', async () => {
  await create('shop', { processor: { replicas: 1 } })
  await kube('scale csp shop --replicas=3')
  await until('three processors', async () => (await deployment('shop-processor'))?.spec.replicas === 3)
  const { status } = (await json<PipelineObject>('csp shop --subresource=scale'))!
  assert.match(String(status?.['selector']), /app.kubernetes.io\/component=processor/)
})

test('the same pipeline in another namespace on the same brokers is a Conflict until the first has gone', async () => {
  const kafka = { cluster: 'data-on-eks', bootstrapServers: 'kafka.infra:9092' }
  await create('twin', { kafka })
  await until('the topics', () => json('kafkatopic twin-events'))
  await kube('create namespace elsewhere')
  const metadata = { name: 'twin', namespace: 'elsewhere' }
  await kube('apply -f -', { apiVersion, kind: 'ClickstreamPipeline', metadata, spec: { kafka } })
  const stalled = 'jsonpath={.status.conditions[?(@.type=="Stalled")].reason}'
  const reason = (expected: string) =>
    until(expected, async () => (await kube(`get csp twin -n elsewhere -o ${stalled}`)) === expected)
  await reason('Conflict')
  assert.equal(await json('kafkatopic twin-events -n elsewhere'), undefined)
  await kube('delete csp twin --timeout=30s')
  await reason('NotStalled')
  await until('its topics', () => json('kafkatopic twin-events -n elsewhere'))
})

test('a suspended pipeline without data stops its source, and without a consumer to ask the rest at its deadline', async () => {
  await create('shop', { suspend: true })
  await until('no producer', async () => (await deployment('shop-producer'))?.spec.replicas === 0)
  await says('shop', 'Suspended', 'Draining')
  assert.equal((await deployment('shop-processor'))?.spec.replicas, 1)
  await create('still', { suspend: true })
  await says('still', 'Suspended', 'Drained')
})
