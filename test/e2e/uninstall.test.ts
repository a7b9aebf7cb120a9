import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ONE_NAMESPACE } from '../../dev/deploy.ts'
import { pipelineOf, untilReady, world, type World } from './world.ts'

/** The end of the namespace that the controllers themselves run in. */

let on: World
const name = 'last'

before(async () => {
  on = await world('kafka', ONE_NAMESPACE)
})
after(() => on?.close())

test('the namespace of the operator and of the topic controller goes, with a pipeline and its topics in it', async (t) => {
  await on.apply(pipelineOf(name, { deletionPolicy: 'Delete' }))
  await untilReady(on, name)
  const { metadata } = await on.get('clickstreampipeline', name)
  assert.deepEqual(metadata.finalizers, ['clickstream.dev/topics'])
  const begun = Date.now()
  await on.kubectl('delete', 'namespace', 'kafka', '--timeout=240s')
  t.diagnostic(`gone within ${(Date.now() - begun) / 1_000} s`)
})
