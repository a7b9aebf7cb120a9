import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ALL_NAMESPACES } from '../../dev/deploy.ts'
import { until } from '../../dev/until.ts'
import { results } from './oracle.ts'
import { pipelineOf, untilReady, world, type World } from './world.ts'

/** The operator for all namespaces. */

let on: World
const namespace = 'shop-eu'
const name = 'shop-eu'

before(async () => {
  on = await world(namespace, ALL_NAMESPACES)
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
  await on.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } })
})
after(() => on?.close())

test('a pipeline in another namespace becomes Ready and gives windows', async () => {
  await on.apply(pipelineOf(name, { deletionPolicy: 'Delete' }))
  await untilReady(on, name)
  await until('windows', async () => results(await on.oracle.read(`${name}-metrics`)).length >= 2, {
    deadline: 60_000,
    every: 500,
  })
})

test('the deletion of a namespace with a running pipeline completes', async () => {
  await on.kubectl('delete', 'namespace', namespace, '--timeout=120s')
  assert.deepEqual(
    (await on.oracle.topics()).filter((topic) => topic.startsWith(`${name}-`)),
    [],
  )
})
