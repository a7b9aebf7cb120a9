import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ready, satisfyDeployments, says } from '../testing/world.ts'
import { ClusterFault } from './cluster.ts'

const at = { namespace: 'shop', name: 'clickstream-processor' }
const spec = { topics: { events: { partitions: 6 } }, processor: { replicas: 2, autoscaled: true } }
const applyProcessor = 'apply Deployment shop/clickstream-processor'

/** A pipeline whose processors an autoscaler scales. */
const scaled = async (given: object = spec) => {
  const on = await ready(given)
  const { cluster } = on
  return {
    ...on,
    processor: () => cluster.get('Deployment', at)!,
    replicas: () => cluster.get('Deployment', at)?.spec.replicas,
    scale: (replicas: number) =>
      cluster.put(
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: at,
          spec: { replicas },
        },
        'autoscaler',
      ),
  }
}

test('what an autoscaler sets stays, and costs the operator no write of the Deployment', async () => {
  const { cluster, scale, pass, replicas } = await scaled()
  assert.equal(replicas(), 2)
  for (const wanted of [5, 1, 0, 6]) {
    scale(wanted)
    satisfyDeployments(cluster)
    cluster.writes.length = 0
    await pass()
    assert.equal(replicas(), wanted)
    assert.ok(!cluster.writes.includes(applyProcessor))
    assert.equal(says(cluster, 'Ready').status, 'True')
  }
})

test('a role that is not handed over is put back', async () => {
  const { scale, pass, replicas } = await scaled({ processor: { replicas: 2 } })
  scale(5)
  await pass()
  assert.equal(replicas(), 2)
})

test('an edit of the pipeline leaves the number of an autoscaler as it is', async () => {
  const { scale, pass, put, replicas, cluster } = await scaled()
  scale(5)
  put({ ...spec, processor: { ...spec.processor, replicas: 3, window: { size: '1m' } } })
  cluster.writes.length = 0
  await pass()
  assert.ok(cluster.writes.includes(applyProcessor))
  assert.equal(replicas(), 5)
})

test('replicas that are handed over stay what they were until the autoscaler speaks', async () => {
  const { pass, put, replicas } = await scaled({ processor: { replicas: 4 } })
  put({ processor: { replicas: 4, autoscaled: true } })
  await pass()
  put({ processor: { replicas: 2, autoscaled: true, window: { size: '1m' } } })
  await pass()
  assert.equal(replicas(), 4)
})

test('an autoscaler that scales while a pass applies wins: the step is refused and tried again', async () => {
  const { scale, pass, put, replicas, cluster } = await scaled()
  const get = cluster.get.bind(cluster)
  const stale = get('Deployment', at)!
  scale(5)
  put({ ...spec, processor: { ...spec.processor, window: { size: '1m' } } })
  let reads = 0
  cluster.get = ((kind: 'Deployment', key: typeof at) =>
    kind === 'Deployment' && key.name === at.name && reads++ === 0 ? stale : get(kind, key)) as typeof get
  await assert.rejects(pass(), (error) => error instanceof ClusterFault && error.reason === 'Conflict')
  assert.equal(replicas(), 5)
  await pass()
  assert.equal(replicas(), 5)
})

/** Suspends the pipeline, as long as it takes until no pod is left. */
const suspend = async (
  { pass, put, cluster, elapse }: Awaited<ReturnType<typeof scaled>>,
  of: object = spec,
) => {
  put({ ...of, suspend: true })
  await pass()
  satisfyDeployments(cluster)
  elapse(3_600_000)
  await pass()
  satisfyDeployments(cluster)
  await pass()
}

test('a suspended pipeline stops autoscaled pods too, and resumes with as many as there were', async () => {
  const on = await scaled()
  const { scale, pass, put, replicas, cluster, processor } = on
  scale(5)
  await suspend(on)
  assert.equal(replicas(), 0)
  put(spec)
  await pass()
  assert.equal(replicas(), 5)
  assert.equal(processor().metadata.annotations?.['clickstream.dev/resume-replicas'], undefined)
  satisfyDeployments(cluster)
  await pass()
  cluster.writes.length = 0
  await pass()
  assert.deepEqual(cluster.writes, [])
})

test('replicas handed over while the pipeline is suspended begin with those of the spec', async () => {
  const on = await scaled({ processor: { replicas: 3 } })
  const { pass, put, replicas } = on
  await suspend(on, { processor: { replicas: 3 } })
  assert.equal(replicas(), 0)
  put({ processor: { replicas: 3, autoscaled: true }, suspend: true })
  await pass()
  put({ processor: { replicas: 3, autoscaled: true } })
  await pass()
  assert.equal(replicas(), 3)
})

test('replicas handed over by the edit that resumes the pipeline, or that ends a zero, begin with those of the spec', async () => {
  const on = await scaled({ processor: { replicas: 3 } })
  await suspend(on, { processor: { replicas: 3 } })
  assert.equal(on.replicas(), 0)
  on.put({ processor: { replicas: 4, autoscaled: true } })
  await on.pass()
  assert.equal(on.replicas(), 4)
  on.put({ processor: { replicas: 0 } })
  await on.pass()
  assert.equal(on.replicas(), 0)
  on.put({ processor: { replicas: 2, autoscaled: true } })
  await on.pass()
  assert.equal(on.replicas(), 2)
  on.scale(0)
  await on.pass()
  assert.equal(on.replicas(), 0)
})

test('a number to resume with that somebody else wrote on a Deployment never counts', async () => {
  const on = await scaled()
  const { scale, pass, put, replicas, cluster } = on
  const annotations = { 'clickstream.dev/resume-replicas': '50' }
  cluster.put({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { ...at, annotations } }, 'kubectl')
  for (const wanted of [4, 0, 3]) {
    scale(wanted)
    await pass()
    assert.equal(replicas(), wanted)
  }
  put({ ...spec, processor: { ...spec.processor, window: { size: '1m' } } })
  await pass()
  assert.equal(replicas(), 3)
  await suspend(on)
  assert.equal(replicas(), 0)
  put(spec)
  await pass()
  assert.equal(replicas(), 3)
})

test('kubectl rollout undo brings back the annotations of a suspended Deployment, and no pods go', async () => {
  const on = await scaled()
  const { scale, pass, put, replicas, processor, cluster } = on
  scale(5)
  await suspend(on)
  const { annotations = {} } = processor().metadata
  put(spec)
  await pass()
  scale(8)
  cluster.put({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { ...at, annotations } }, 'kubectl')
  await pass()
  await pass()
  assert.equal(replicas(), 8)
  scale(0)
  await pass()
  assert.equal(replicas(), 0)
})

test('an operator that dies right after it stopped a Deployment resumes it, also with another spec', async () => {
  const { scale, pass, put, replicas, cluster, elapse } = await scaled()
  scale(5)
  put({ ...spec, suspend: true })
  await pass()
  satisfyDeployments(cluster)
  elapse(3_600_000)
  await pass()
  cluster.fail('status', new ClusterFault('dead', { reason: 'Unavailable', retry: true }))
  await pass().catch(() => {})
  assert.equal(replicas(), 0)
  put({ ...spec, processor: { ...spec.processor, window: { size: '1m' } } })
  cluster.fail(applyProcessor, new ClusterFault('dead', { reason: 'Unavailable', retry: true }))
  await assert.rejects(pass(), /dead/)
  assert.equal(replicas(), 0)
  await pass()
  assert.equal(replicas(), 5)
})

test('an autoscaled role that begins with no pods begins when the spec says with how many', async () => {
  const { scale, pass, put, replicas } = await scaled({ processor: { replicas: 0, autoscaled: true } })
  assert.equal(replicas(), 0)
  put({ processor: { replicas: 2, autoscaled: true } })
  await pass()
  assert.equal(replicas(), 2)
  scale(0)
  put({ processor: { replicas: 3, autoscaled: true } })
  await pass()
  assert.equal(replicas(), 0)
})
