import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { fakeClock } from '../testing/clock.ts'
import { keptLogger } from '../testing/logger.ts'
import { ClusterFault, type Outcome, type Reconcile } from './cluster.ts'
import { runController } from './controller.ts'
import { controllerMetrics } from './metrics.ts'
import { Queue } from './queue.ts'

/** A running controller; `passes` has the name of each key whose pass began and the time. */
const running = (reconcile: Reconcile, workers = 1) => {
  const clock = fakeClock()
  const registry = new Registry()
  const metrics = controllerMetrics(registry, { name: 'pipeline', workers })
  const queue = new Queue({ clock, observer: metrics.queue })
  metrics.watch(queue)
  const { logger, lines } = keptLogger()
  const stop = new AbortController()
  const passes: string[] = []
  const ended = runController({
    queue,
    reconcile(key) {
      passes.push(`${key.name} ${clock.now()}`)
      return reconcile(key)
    },
    workers,
    logger,
    signal: stop.signal,
    clock,
    deadline: 1000,
    began: metrics.began,
    passed: metrics.passed,
  })
  const add = (name: string) => queue.add({ namespace: 'a', name })
  return { clock, queue, lines, passes, add, registry, ended, stop: () => stop.abort() }
}

const answers = (...outcomes: (Outcome | Error)[]): Reconcile => {
  return async () => {
    const outcome = outcomes.shift() ?? { kind: 'done' }
    if (outcome instanceof Error) throw outcome
    return outcome
  }
}

test('done ends it, retry and an error come back with growing backoff, success forgets the backoff', async () => {
  const run = running(answers({ kind: 'retry' }, new Error('broken'), { kind: 'done' }, { kind: 'retry' }))
  run.add('x')
  await run.clock.advance(1000)
  assert.deepEqual(run.passes, ['x 0', 'x 5', 'x 15'])
  run.add('x')
  await run.clock.advance(1000)
  assert.deepEqual(run.passes.slice(3), ['x 1000', 'x 1005'])
})

test('wait looks again after its time and forgets the backoff', async () => {
  const run = running(answers({ kind: 'retry' }, { kind: 'wait', after: 200 }, { kind: 'retry' }))
  run.add('x')
  await run.clock.advance(500)
  assert.deepEqual(run.passes, ['x 0', 'x 5', 'x 205', 'x 210'])
})

test('of several steps that were refused the longest Retry-After is waited for', async () => {
  const fault = (retryAfter: number) =>
    new ClusterFault('slow down', { reason: 'TooManyRequests', retry: true, retryAfter })
  const run = running(
    answers(new AggregateError([fault(700), fault(900), new Error('broken')], 'steps failed')),
  )
  run.add('x')
  await run.clock.advance(2000)
  assert.deepEqual(run.passes, ['x 0', 'x 900'])
})

test('Retry-After of the API server is waited for', async () => {
  const fault = new ClusterFault('slow down', { reason: 'TooManyRequests', retry: true, retryAfter: 700 })
  const run = running(answers(fault))
  run.add('x')
  await run.clock.advance(1000)
  assert.deepEqual(run.passes, ['x 0', 'x 700'])
})

test('a failed pass is logged with its key, its count and the error', async () => {
  const run = running(answers(new Error('broken')))
  run.add('x')
  await run.clock.advance(100)
  const [line] = run.lines
  assert.equal(line?.msg, 'pass failed')
  assert.equal(line?.['key'], 'a/x')
  assert.equal(line?.['failures'], 1)
  assert.equal(line?.['retryInMs'], 5)
  assert.match(JSON.stringify(line?.['err']), /broken/)
})

test('a pass that hangs is logged at its deadline, keeps its key and blocks no other', async () => {
  let release = () => {}
  const hanging = new Promise<Outcome>((resolve) => (release = () => resolve({ kind: 'done' })))
  const run = running(({ name }) => (name === 'bad' ? hanging : Promise.resolve({ kind: 'done' })))
  run.add('bad')
  run.add('good')
  await run.clock.advance(999)
  assert.deepEqual(run.passes, ['bad 0'])
  await run.clock.advance(1)
  run.add('bad')
  await run.clock.advance(5000)
  assert.deepEqual(run.passes, ['bad 0', 'good 1000'])
  assert.deepEqual(
    run.lines.map(({ msg, key }) => [key, msg]),
    [['a/bad', 'pass is overdue; its key waits for its end']],
  )
  release()
  await run.clock.settle()
  assert.deepEqual(run.passes.slice(2), ['bad 6000'])
})

test('as many passes run at a time as there are workers, never two over one key', async () => {
  const run = running(() => new Promise(() => {}), 2)
  for (const name of ['x', 'x', 'y', 'z']) run.add(name)
  await run.clock.settle()
  run.add('x')
  await run.clock.settle()
  assert.deepEqual(run.passes, ['x 0', 'y 0'])
})

test('a stop lets the running pass end, starts no other and leaves no timer', async () => {
  let release = () => {}
  const slow = new Promise<Outcome>((resolve) => (release = () => resolve({ kind: 'wait', after: 50 })))
  const run = running(() => slow)
  run.add('x')
  run.add('y')
  await run.clock.settle()
  run.stop()
  let over = false
  void run.ended.then(() => (over = true))
  await run.clock.settle()
  assert.equal(over, false)
  release()
  await run.ended
  assert.deepEqual(run.passes, ['x 0'])
  assert.deepEqual(run.clock.pending, [])
})

/** The lines of a metric that are no comments and no buckets. */
const shown = async (registry: Registry, pattern: RegExp) =>
  (await registry.metrics()).split('\n').filter((line) => pattern.test(line))

test("passes and the queue are counted under controller-runtime's names, labels and zeros", async () => {
  const run = running(answers(new Error('broken')))
  run.add('x')
  await run.clock.advance(100)
  assert.deepEqual((await shown(run.registry, /^(controller_runtime|workqueue)_\w+(_total|_depth)/)).sort(), [
    'controller_runtime_reconcile_errors_total{controller="pipeline"} 1',
    'controller_runtime_reconcile_total{controller="pipeline",result="error"} 1',
    'controller_runtime_reconcile_total{controller="pipeline",result="requeue"} 0',
    'controller_runtime_reconcile_total{controller="pipeline",result="requeue_after"} 0',
    'controller_runtime_reconcile_total{controller="pipeline",result="success"} 1',
    'workqueue_adds_total{name="pipeline",controller="pipeline"} 2',
    'workqueue_retries_total{name="pipeline",controller="pipeline"} 1',
  ])
  assert.deepEqual(await shown(run.registry, /^\w+_seconds_count/), [
    'controller_runtime_reconcile_time_seconds_count{controller="pipeline"} 2',
    'workqueue_queue_duration_seconds_count{name="pipeline",controller="pipeline"} 2',
    'workqueue_work_duration_seconds_count{name="pipeline",controller="pipeline"} 2',
  ])
})

test('what is in work now is shown with its age', async () => {
  const run = running(() => new Promise(() => {}), 2)
  run.add('x')
  await run.clock.advance(300)
  run.add('y')
  run.add('z')
  await run.clock.advance(500)
  assert.deepEqual(
    await shown(run.registry, /^(workqueue_(depth|unf|long)|controller_runtime_(active|max))/),
    [
      'controller_runtime_active_workers{controller="pipeline"} 2',
      'controller_runtime_max_concurrent_reconciles{controller="pipeline"} 2',
      'workqueue_depth{name="pipeline",controller="pipeline"} 1',
      'workqueue_unfinished_work_seconds{name="pipeline",controller="pipeline"} 1.3',
      'workqueue_longest_running_processor_seconds{name="pipeline",controller="pipeline"} 0.8',
    ],
  )
})
