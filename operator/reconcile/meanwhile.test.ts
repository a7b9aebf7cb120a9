import assert from 'node:assert/strict'
import { test } from 'node:test'
import { key, ready, says } from '../testing/world.ts'

test("what is told is of the spec that was applied: an edit during a pass is the next one's", async () => {
  const { cluster, pass, put } = await ready()
  const written = () => cluster.get<'ClickstreamPipeline'>('ClickstreamPipeline', key)
  const before = written()?.status
  cluster.remove('Service', { namespace: 'shop', name: 'clickstream-consumer' })
  const apply = cluster.apply.bind(cluster)
  cluster.apply = async (object) => {
    const applied = await apply(object)
    cluster.apply = apply
    put({ producer: { rate: 20 } })
    return applied
  }
  assert.deepEqual(await pass(), { kind: 'retry' })
  assert.deepEqual(written()?.status, before)
  await pass()
  assert.equal(written()?.status?.['observedGeneration'], written()?.metadata.generation)
  assert.equal(says(cluster, 'Ready').reason, 'RollingOut')
})
