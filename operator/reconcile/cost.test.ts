import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FakeCluster } from '../testing/cluster.ts'
import { ready, satisfyDeployments, satisfyTopics, type World, world } from '../testing/world.ts'

/** Requests and reads of the cache that a pass makes. */
const costOf = async ({ cluster, pass }: Pick<World, 'cluster' | 'pass'>) => {
  let reads = 0
  const { list } = cluster
  cluster.list = ((...of: Parameters<FakeCluster['list']>) => {
    reads += 1
    return list.apply(cluster, of)
  }) as FakeCluster['list']
  cluster.writes.length = 0
  await pass()
  cluster.list = list
  return { reads, writes: cluster.writes.length }
}

test('a pass that has nothing to do gathers once and asks for nothing', async () => {
  assert.deepEqual(await costOf(await ready()), { reads: 1, writes: 0 })
})

test('a new pipeline costs a write for each of its eight children, and one of its status for each of three passes', async () => {
  const on = world()
  assert.deepEqual(await costOf(on), { reads: 2, writes: 4 + 1 })
  satisfyTopics(on.cluster)
  assert.deepEqual(await costOf(on), { reads: 2, writes: 4 + 1 })
  satisfyDeployments(on.cluster)
  assert.deepEqual(await costOf(on), { reads: 1, writes: 1 })
})

test('an edit costs one write for each child that it concerns, and one of the status', async () => {
  const on = await ready()
  on.put({ producer: { rate: 20 } })
  assert.deepEqual(await costOf(on), { reads: 2, writes: 1 + 1 })
})
