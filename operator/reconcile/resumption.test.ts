import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drained, suspended } from '../testing/suspended.ts'
import { satisfyDeployments, says } from '../testing/world.ts'
import { ClusterFault } from './cluster.ts'

test('a source that somebody scales up during the drain is stopped again, and silent again before anything is drained', async () => {
  const { cluster, hears, halts, suspension, replicas } = await suspended()
  const at = { namespace: 'shop', name: 'clickstream-producer' }
  cluster.put({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: at, spec: { replicas: 3 } }, 'kubectl')
  satisfyDeployments(cluster)
  await hears(40, drained)
  assert.deepEqual([replicas(), suspension()?.drained], [[0, 1, 1], undefined])
  assert.equal(says(cluster, 'Suspended').reason, 'Suspending')
  await halts()
  assert.equal(suspension()?.sourceStopped, '2026-01-31T12:00:40.000Z')
  await hears(29, drained)
  assert.equal(suspension()?.drained, undefined)
  await hears(1, drained)
  assert.equal(suspension()?.drained, true)
})

test('what was not drained stays so through a resumption that starts no processor, and is forgotten when one runs', async () => {
  const { cluster, hears, halts, put, pass, suspension } = await suspended()
  await hears(700, { ...drained, lag: 9 })
  await halts()
  const before = suspension()
  const report = (status: string) =>
    cluster.report(
      'KafkaTopic',
      { namespace: 'shop', name: 'clickstream-events' },
      { observedGeneration: 1, conditions: [{ type: 'Ready', status }] },
    )
  report('False')
  put()
  await pass()
  assert.deepEqual([says(cluster, 'Suspended').reason, suspension()], ['NotSuspended', before])
  put({ suspend: true })
  await pass()
  await pass()
  assert.deepEqual([says(cluster, 'Suspended').reason, suspension()], ['NotDrained', before])
  assert.match(says(cluster, 'DataExpiring').message, /not counted yet until 2026-02-01T12:10:00.000Z$/)
  report('True')
  put()
  await pass()
  assert.equal(suspension(), undefined)
})

const source = { producer: { replicas: 1 } }
for (const { when, verdict, seconds, lag, spec } of [
  { when: 'that drains', verdict: undefined, seconds: 60, lag: 9, spec: source },
  { when: 'that has drained', verdict: true, seconds: 60, lag: 0, spec: source },
  { when: 'that has not drained', verdict: false, seconds: 700, lag: 9, spec: source },
  {
    when: 'of events from elsewhere',
    verdict: true,
    seconds: 60,
    lag: 0,
    spec: { producer: { replicas: 0 } },
  },
]) {
  test(`a suspension ${when} has ended with its resumption, though the operator died before it said so`, async () => {
    const { cluster, elapse, halts, hears, pass, put, replicas, suspension } = await suspended(spec)
    await hears(seconds, { ...drained, lag })
    await halts()
    assert.equal(suspension()?.drained, verdict)
    put(spec)
    cluster.fail('status', new ClusterFault('gone', { reason: 'Unavailable', retry: true }))
    await assert.rejects(pass(), /gone/)
    assert.deepEqual([replicas(), suspension()?.drained], [[spec.producer.replicas, 1, 1], verdict])
    elapse(1_000_000)
    put({ ...spec, suspend: true })
    await pass()
    await halts()
    assert.deepEqual([replicas(), says(cluster, 'Suspended').reason], [[0, 1, 1], 'Draining'])
    await hears(60, drained)
    assert.deepEqual([replicas(), suspension()?.drained], [[0, 0, 0], true])
  })
}

test('an edit during a drain gives it no more time', async () => {
  const { elapse, pass, put, suspension } = await suspended()
  const since = suspension()?.since
  elapse(60_000)
  put({ suspend: true, processor: { replicas: 2 } })
  await pass()
  assert.deepEqual([suspension()?.since, suspension()?.drained], [since, undefined])
})
