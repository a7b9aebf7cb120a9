import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { essence } from '../testing/essence.ts'
import { type AnySpec, asEditOf, validSpecs } from '../testing/specs.ts'
import {
  deployments,
  key,
  satisfyDeployments,
  satisfyTopics,
  topics,
  world,
  type World,
} from '../testing/world.ts'

/** After Acto (Gu et al., SOSP 2023): where an operator leads must not depend on where it comes from. */

/** HISTORIES says how many pairs; a failure tells the seed and the smallest pair that fails. */
const numRuns = Number(process.env['HISTORIES'] ?? 15)
const hour = 3_600_000

/** Passes, with a cluster that does what it is asked, until nothing more is written. */
const settle = async ({ cluster, pass, elapse }: World) => {
  for (let turn = 0; turn < 20; turn += 1) {
    cluster.writes.length = 0
    await pass()
    if (cluster.writes.length === 0) return
    satisfyTopics(cluster)
    satisfyDeployments(cluster)
    elapse(hour)
  }
  assert.fail(`still writing: ${cluster.writes.join(', ')}`)
}

const childrenOf = ({ cluster }: World, spec: AnySpec) => {
  const roles = [spec.producer, spec.processor, spec.consumer]
  const at = (name: string) => ({ namespace: 'shop', name })
  return [
    ...topics.map((name) => essence(cluster.get('KafkaTopic', at(name)), {})),
    ...deployments.map((name, i) => {
      const isScaled = roles[i]?.autoscaled === true && !spec.suspend
      return essence(cluster.get('Deployment', at(name)), { isScaled })
    }),
    essence(cluster.get('Service', at('clickstream-consumer')), {}),
    cluster.get<'ClickstreamPipeline'>('ClickstreamPipeline', key)?.metadata.finalizers ?? [],
  ]
}

test('from any valid spec to any other, the children are those that the other would have made anew', async () => {
  await fc.assert(
    fc.asyncProperty(validSpecs, validSpecs, async (before, wanted) => {
      const after = asEditOf(before, wanted)
      const edited = world(before)
      await settle(edited)
      edited.put(after)
      await settle(edited)
      const fresh = world(after)
      await settle(fresh)
      assert.deepEqual(childrenOf(edited, after), childrenOf(fresh, after))
    }),
    { numRuns },
  )
})
