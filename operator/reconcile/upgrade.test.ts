import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Deployment } from '../api/kubernetes.ts'
import { differs, stamped } from '../decide/difference.ts'
import { pipeline, wanted } from '../testing/pipelines.ts'
import { key, ready, type World } from '../testing/world.ts'

/** Another version of the operator, older or newer, had the cluster before. */

const at = { namespace: 'shop', name: 'clickstream-producer' }

/** The producer's Deployment as another version rendered and applied it: with changes to what this version renders. */
const renderedBefore = async ({ cluster }: World, change: (rendered: Deployment) => Deployment) => {
  const { status: _, ...producer } = cluster.get('Deployment', at)!
  const { labels = {}, ownerReferences = [] } = producer.metadata
  const rendered = { ...producer, metadata: { ...at, labels, ownerReferences } }
  cluster.put(stamped(change(rendered)), 'clickstream-operator')
  cluster.writes.length = 0
}
const deploymentsWritten = ({ cluster }: World) =>
  cluster.writes.filter((line) => line.includes('Deployment'))
const pods = ({ cluster }: World) => cluster.get('Deployment', at)?.spec.template

test('a version that renders the same children writes none of them', async () => {
  const on = await ready()
  const before = pods(on)
  await on.pass()
  assert.deepEqual([deploymentsWritten(on), pods(on)], [[], before])
})

test('a field that the other version rendered goes, in that child alone and in one write', async () => {
  const on = await ready()
  const before = pods(on)
  await renderedBefore(on, (rendered) => ({
    ...rendered,
    spec: {
      ...rendered.spec,
      template: {
        ...rendered.spec.template,
        spec: { ...rendered.spec.template.spec, priorityClassName: 'high' },
      },
    },
  }))
  assert.equal(pods(on)?.spec['priorityClassName'], 'high')
  await on.pass()
  await on.pass()
  assert.deepEqual(deploymentsWritten(on), ['apply Deployment shop/clickstream-producer'])
  assert.deepEqual(pods(on), before)
})

test('another order of the fields is no difference', () => {
  const { producer } = wanted(pipeline()).deployments
  const backwards = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(backwards)
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value).toReversed()
    return Object.fromEntries(entries.map(([name, field]) => [name, backwards(field)]))
  }
  assert.equal(differs(producer, stamped(backwards(producer) as Deployment)), false)
})

test('a status with fields that this version does not know is written anew, once', async () => {
  const on = await ready()
  const status = on.cluster.get('ClickstreamPipeline', key)?.status ?? {}
  await on.cluster.applyStatus({
    apiVersion: 'clickstream.dev/v1alpha1',
    kind: 'ClickstreamPipeline',
    metadata: key,
    status: { ...status, later: 'x' },
  })
  on.cluster.writes.length = 0
  await on.pass()
  await on.pass()
  assert.deepEqual(on.cluster.writes, ['status ClickstreamPipeline shop/clickstream'])
})
