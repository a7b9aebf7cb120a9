import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Deployment } from '../api/kubernetes.ts'
import { availableStatus } from '../testing/pipelines.ts'
import { ready, satisfyDeployments, says } from '../testing/world.ts'

const second = 1_000
const at = { namespace: 'shop', name: 'clickstream-processor' }
const running = { type: 'Available', status: 'True' }
const short = { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable' }
const complete = { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' }
const onTheWay = { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated' }
const overdue = {
  type: 'Progressing',
  status: 'False',
  reason: 'ProgressDeadlineExceeded',
  message: 'ReplicaSet "clickstream-processor-7d9" has timed out progressing.',
}

/** A pipeline that is Ready, and what the Deployment controller says of its processor. */
const world = async (spec: object = {}) => {
  const on = await ready(spec)
  return {
    ...on,
    reports(status: object) {
      const processor = on.cluster.get('Deployment', at)
      on.cluster.report('Deployment', at, { ...availableStatus(processor!), ...status })
    },
    /** A pass some seconds later, and after how many it wants to be made again. */
    async pass(seconds = 0) {
      on.elapse(seconds * second)
      const outcome = await on.pass()
      return outcome.kind === 'wait' ? outcome.after / second : outcome.kind
    },
    says: (type = 'ProcessorAvailable') => {
      const { status, reason, message } = says(on.cluster, type)
      return `${status} ${reason}: ${message}`
    },
  }
}

const bad = {
  processor: { replicas: 1 },
  kafka: { cluster: 'data-on-eks', bootstrapServers: 'nowhere:9092' },
}
const selector =
  'app.kubernetes.io/name=clickstream,app.kubernetes.io/instance=clickstream,app.kubernetes.io/component=processor'
const hint = `kubectl logs -n shop --prefix -l ${selector} says what they wait for`

test('new pods that are not ready: after half a minute it is said where they say why, at the deadline it stalls', async () => {
  const { put, pass, cluster, reports, says, told } = await world()
  put(bad)
  await pass()
  satisfyDeployments(cluster)
  const oldAndNew = { replicas: 2, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 }
  reports({ ...oldAndNew, conditions: [running, onTheWay] })
  assert.equal(await pass(2), 28)
  const begin = 'Deployment clickstream-processor: old pods are being replaced'
  assert.equal(says(), `False RollingOut: ${begin}`)
  cluster.writes.length = 0
  assert.equal(await pass(27), 1)
  assert.deepEqual(cluster.writes, [])
  assert.equal(await pass(1), 270)
  assert.equal(says(), `False RollingOut: ${begin}, 1 more is not ready; ${hint}`)
  assert.equal(says('Stalled'), 'False NotStalled: Nothing stands in the way.')
  told.length = 0
  reports({ ...oldAndNew, conditions: [running, overdue] })
  await pass(100)
  const why = `${begin} (ReplicaSet "clickstream-processor-7d9" has timed out progressing.), 1 more is not ready; ${hint}`
  assert.equal(says(), `False Unavailable: ${why}`)
  assert.equal(says('Stalled'), `True ProgressDeadlineExceeded: ${why}`)
  assert.equal(says('Ready'), `False ProgressDeadlineExceeded: ${why}`)
  assert.equal(says('Reconciling').slice(0, 13), 'False Settled')
  assert.deepEqual(told, [`Warning ProgressDeadlineExceeded shop/clickstream: ${why}`])
})

test('more pods that somebody asked for are on their way: no warning, unless they take longer than they may', async () => {
  const { put, pass, cluster, reports, says, told } = await world()
  put({ processor: { replicas: 3 } })
  await pass()
  satisfyDeployments(cluster)
  const status = { readyReplicas: 1, availableReplicas: 1, conditions: [short, complete] }
  reports(status)
  assert.equal(await pass(1), 29)
  const begin = 'Deployment clickstream-processor: 1 of 3 pods are available'
  assert.equal(says(), `False RollingOut: ${begin}`)
  assert.deepEqual(told, [`Normal NotReady shop/clickstream: RollingOut: ${begin}`])
  await pass(298)
  assert.equal(says('Stalled').slice(0, 5), 'False')
  await pass(1)
  assert.equal(says('Stalled'), `True ProgressDeadlineExceeded: ${begin}; ${hint}`)
  satisfyDeployments(cluster)
  await pass()
  assert.equal(says('Stalled').slice(0, 5), 'False')
  assert.deepEqual(told.slice(1), [
    `Warning ProgressDeadlineExceeded shop/clickstream: ${begin}; ${hint}`,
    'Normal Ready shop/clickstream: Every topic is ready and every pod that shall run is available.',
  ])
})

test('an autoscaler that adds pods causes no warning', async () => {
  const { pass, cluster, reports, says, told } = await world({ processor: { autoscaled: true } })
  const { apiVersion } = cluster.get('Deployment', at)!
  cluster.put({ apiVersion, kind: 'Deployment', metadata: at, spec: { replicas: 2 } })
  reports({ readyReplicas: 1, availableReplicas: 1, conditions: [short, complete] })
  await pass()
  assert.equal(says(), 'False RollingOut: Deployment clickstream-processor: 1 of 2 pods are available')
  assert.deepEqual(
    told.filter((line) => line.startsWith('Warning')),
    [],
  )
})

test('a pipeline that resumes tells no warning', async () => {
  const { put, pass, cluster, reports, told } = await world()
  put({ suspend: true })
  for (let turn = 0; turn < 4; turn += 1) {
    await pass(700)
    satisfyDeployments(cluster)
  }
  assert.equal(says(cluster, 'Suspended').status, 'True')
  told.length = 0
  put()
  await pass()
  for (const readyReplicas of [0, 1]) {
    satisfyDeployments(cluster)
    reports({ readyReplicas, availableReplicas: 0, conditions: [short, complete] })
    await pass(1)
  }
  satisfyDeployments(cluster)
  await pass(1)
  assert.deepEqual(told, [
    'Normal Resumed shop/clickstream: spec.suspend is false.',
    'Normal Ready shop/clickstream: Every topic is ready and every pod that shall run is available.',
  ])
})

test('a pod that is lost is a warning at once, and stalls the pipeline when none comes back in time', async () => {
  const { pass, cluster, reports, says, told } = await world()
  reports({ readyReplicas: 0, availableReplicas: 0, conditions: [short, complete] })
  assert.equal(await pass(), 30)
  const why =
    'Deployment clickstream-processor: 0 of 1 pods are available; ' +
    'kubectl logs -n shop deployment/clickstream-processor says what they wait for'
  assert.deepEqual(told, [`Warning NotReady shop/clickstream: Unavailable: ${why}`])
  cluster.writes.length = 0
  assert.equal(await pass(299), 1)
  assert.deepEqual(cluster.writes, [])
  await pass(1)
  assert.equal(says('Stalled'), `True ProgressDeadlineExceeded: ${why}`)
})

const generationOf = (processor: Deployment | undefined) =>
  processor?.spec.template.spec.containers[0]?.env?.find(({ name }) => name === 'WINDOW_GENERATION')?.value

test('kubectl rollout undo to the same window of an older generation does not turn its generation back', async () => {
  const { cluster, put, pass } = await world({ processor: { window: { size: '5m' } } })
  const first = structuredClone(cluster.live.get('Deployment', at)!.spec.template)
  for (const size of ['1m', '5m']) {
    put({ processor: { window: { size } } })
    await pass()
  }
  const undo = () =>
    cluster.put(
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: at, spec: { template: first } },
      'kubectl',
    )
  undo()
  await pass()
  assert.equal(generationOf(cluster.live.get('Deployment', at)), '3')
  // Nor while the spec breaks a rule.
  put({ processor: { window: { size: '5m' }, replicas: 99 } })
  await pass()
  undo()
  put({ processor: { window: { size: '5m' } } })
  await pass()
  assert.equal(generationOf(cluster.live.get('Deployment', at)), '3')
})

test('a Deployment that somebody paused is named with the cure, and stalls the pipeline when it stays so', async () => {
  const { cluster, put, pass, reports, says } = await world()
  cluster.put(
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: at, spec: { paused: true } },
    'kubectl-rollout',
  )
  put({ processor: { window: { size: '1m' } } })
  await pass()
  const isPaused = { type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused' }
  reports({ updatedReplicas: 0, conditions: [running, isPaused] })
  await pass()
  const why =
    'Deployment clickstream-processor is paused, so its pods are not replaced: ' +
    'kubectl rollout resume deployment/clickstream-processor -n shop'
  assert.equal(says(), `False Unavailable: ${why}`)
  assert.equal(says('Ready'), `False Unavailable: ${why}`)
  assert.equal(says('Stalled').slice(0, 5), 'False')
  await pass(300)
  assert.equal(says('Stalled'), `True ProgressDeadlineExceeded: ${why}`)
  cluster.put({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: at }, 'kubectl-rollout')
  satisfyDeployments(cluster)
  await pass()
  assert.equal(says('Ready').slice(0, 10), 'True Ready')
})

test('a paused Deployment that shall have no pods is named too, and does not stall what is suspended', async () => {
  const { cluster, put, pass, says } = await world()
  const isPaused = { type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused' }
  cluster.put(
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: at, spec: { paused: true } },
    'kubectl-rollout',
  )
  put({ suspend: true })
  for (let turn = 0; turn < 4; turn += 1) {
    await pass(700)
    satisfyDeployments(cluster)
    const { conditions: _, ...counts } = availableStatus(cluster.get('Deployment', at)!)
    cluster.report('Deployment', at, { ...counts, conditions: [running, isPaused] })
  }
  await pass(700)
  assert.match(
    says(),
    /^False Unavailable: Deployment clickstream-processor is paused, .* kubectl rollout resume/,
  )
  assert.match(says('Ready'), /^False Suspended/)
  assert.equal(says('Stalled').slice(0, 5), 'False')
})
