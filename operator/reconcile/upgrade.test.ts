import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Deployment, Key } from '../api/kubernetes.ts'
import { stamped } from '../decide/difference.ts'
import { drained, suspended } from '../testing/suspended.ts'
import { deployments, key, ready, type World } from '../testing/world.ts'

/** Another version of the operator, older or newer, had the cluster before. */

const at = { namespace: 'shop', name: 'clickstream-producer' }

/** A Deployment as another version rendered and applied it: with changes to what this version renders. */
const renderedBefore = ({ cluster }: World, change: (rendered: Deployment) => Deployment, key: Key = at) => {
  const { status: _, ...found } = cluster.get('Deployment', key)!
  const { labels = {}, ownerReferences = [] } = found.metadata
  const rendered = { ...found, metadata: { ...key, labels, ownerReferences } }
  cluster.put(stamped(change(rendered)), 'clickstream-operator')
  cluster.writes.length = 0
}

/** With its fields in another order. */
const backwards = <T>(value: T): T => {
  if (Array.isArray(value)) return value.map(backwards) as T
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toReversed()
  return Object.fromEntries(entries.map(([name, field]) => [name, backwards(field)])) as T
}
const deploymentsWritten = ({ cluster }: World) =>
  cluster.writes.filter((line) => line.includes('Deployment'))
const pods = ({ cluster }: World) => cluster.get('Deployment', at)?.spec.template

test('what an object is stamped with is what every version before stamped it with', () => {
  const spec = { replicas: 3, template: { spec: { containers: [{ name: 'app', env: [] }] } } }
  const metadata: Deployment['metadata'] = { ...at, labels: { a: 'b' } }
  const { annotations } = stamped({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec }).metadata
  // Another stamp would write every child of every pipeline at the upgrade.
  assert.equal(annotations?.['clickstream.dev/applied'], '5dda4172caf3b856')
})

test('a version that renders the same children, its fields in another order, finds nothing to write', async () => {
  const on = await ready()
  for (const name of deployments) renderedBefore(on, backwards, { namespace: 'shop', name })
  await on.pass()
  assert.deepEqual(on.cluster.writes, [])
})

test('a field that the other version rendered goes, in that child alone and in one write', async () => {
  const on = await ready()
  const before = pods(on)
  renderedBefore(on, (rendered) => ({
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

/** Ends the suspension of an autoscaled pipeline that a version without the mark in the hash had stopped with 5 producers. */
const resumedAfter = async (passes: number) => {
  const producer = { producer: { autoscaled: true } }
  const on = await suspended(producer)
  await on.hears(40, drained)
  await on.halts()
  const annotations = {
    'clickstream.dev/applied': '5dda4172caf3b856',
    'clickstream.dev/resume-replicas': '5',
  }
  const { labels, ownerReferences = [] } = on.cluster.get('Deployment', at)!.metadata
  const metadata = { ...at, annotations, ownerReferences, ...(labels && { labels }) }
  const { apiVersion, spec } = on.cluster.get('Deployment', at)!
  on.cluster.put({ apiVersion, kind: 'Deployment', metadata, spec }, 'clickstream-operator')
  for (let pass = 0; pass < passes; pass += 1) await on.pass()
  on.put(producer)
  await on.pass()
  return on.cluster.get('Deployment', at)?.spec.replicas
}

test('what a version before had stopped with a number to resume with begins with that number', async () => {
  assert.deepEqual([await resumedAfter(0), await resumedAfter(1), await resumedAfter(2)], [5, 5, 5])
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
