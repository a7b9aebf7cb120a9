import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeClock } from '../testing/clock.ts'
import { keptLogger } from '../testing/logger.ts'
import { key, ready, says } from '../testing/world.ts'
import { runController } from './controller.ts'
import { Queue } from './queue.ts'

const at = { namespace: 'shop', name: 'clickstream-producer' }

/** What a webhook makes of the container of the producer, at each time that it is written. */
type Rewrite = (times: number) => object
const mirror: Rewrite = (times) => ({ image: `mirror.example.com/runtime:${times}` })
const quietly = () => {}

/** A Ready pipeline, and a mutating webhook that from now on gives its producer another image at every write. */
const mirrored = async (written: (times: number) => void = quietly, rewrite = mirror) => {
  const on = await ready()
  const { cluster } = on
  const apply = cluster.apply.bind(cluster)
  let [times, isOn] = [0, true]
  cluster.apply = (async (object) => {
    const answer = await apply(object)
    if (!isOn || object.metadata.name !== at.name) return answer
    times += 1
    const containers = [{ name: 'producer', ...rewrite(times) }]
    const spec = { template: { spec: { containers } } }
    const mutated = cluster.put({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: at, spec }, 'webhook')
    written(times)
    return mutated
  }) as typeof apply
  on.put({ producer: { rate: 20 } })
  return { ...on, times: () => times, off: () => (isOn = false) }
}

test('a field that a webhook rewrites is told with its object, and that it is told stops with the webhook', async () => {
  const { cluster, pass, told, off } = await mirrored()
  const why =
    'Deployment clickstream-producer does not stay as it is applied: a mutating admission webhook or a policy changes its ' +
    'spec.template.spec.containers[producer].image: exempt it from that'
  for (let turn = 0; turn < 3; turn += 1) {
    await assert.rejects(pass(), { message: why })
    const { status, reason, message } = says(cluster, 'Ready')
    assert.deepEqual([status, reason, message], ['False', 'Refused', why])
    assert.equal(says(cluster, 'Stalled').message, why)
  }
  assert.deepEqual(told, [`Warning Refused shop/clickstream: ${why}`])
  off()
  await pass()
  assert.equal(says(cluster, 'Stalled').status, 'False')
})

test('where the spec has the field that is rewritten, it is named as a cure, and cures', async () => {
  // As GKE Autopilot does: limits are what is requested.
  const { cluster, pass, put } = await mirrored(quietly, () => ({
    resources: { limits: { memory: '128Mi' } },
  }))
  await assert.rejects(pass())
  assert.match(
    says(cluster, 'Ready').message,
    /changes its spec\.template\.spec\.containers\[producer\]\.resources\.limits\.memory: exempt it from that, or set in the spec of the pipeline what it makes of it$/,
  )
  put({ producer: { rate: 20, resources: { limits: { memory: '128Mi' } } } })
  await pass()
  assert.equal(says(cluster, 'Stalled').status, 'False')
})

test('what is rewritten is written seldom, though each write is a change that makes a pass', async () => {
  const clock = fakeClock()
  const queue = new Queue({ clock })
  const stop = new AbortController()
  const { pass, times } = await mirrored((times) => {
    queue.add(key)
    if (times > 100) stop.abort()
  })
  const { logger } = keptLogger()
  const ended = runController({ queue, reconcile: pass, workers: 1, logger, signal: stop.signal, clock })
  queue.add(key)
  await clock.advance(600_000)
  assert.ok(times() > 1 && times() <= 60, `${times()} writes in ten minutes`)
  stop.abort()
  await ended
})
