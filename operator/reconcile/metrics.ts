import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { PassResult } from './controller.ts'
import type { QueueObserver } from './queue.ts'

export interface ControllerMetrics {
  /** For the options of the controller. */
  passed: (result: PassResult, took: number) => void
  /** For the options of the queue. */
  queue: QueueObserver
}

/** controller-runtime's buckets, in seconds. */
const passBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const queueBuckets = [1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000]

/**
 * The metrics of a controller and its queue under controller-runtime's names, so that its users' dashboards and
 * alerts fit. Call it once for each registry.
 */
export const controllerMetrics = (register: Registry, name: string): ControllerMetrics => ({
  passed: passMetrics(register, name),
  queue: queueMetrics(register, name),
})

function passMetrics(register: Registry, controller: string): ControllerMetrics['passed'] {
  const registers = [register]
  const labels = { labelNames: ['controller'], registers } as const
  const total = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Passes by how they ended',
    labelNames: ['controller', 'result'],
    registers,
  })
  const errors = new Counter({
    ...labels,
    name: 'controller_runtime_reconcile_errors_total',
    help: 'Passes that threw',
  })
  const time = new Histogram({
    ...labels,
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'Length of a pass',
    buckets: passBuckets,
  })
  errors.inc({ controller }, 0) // an alert on a rate needs the zero before the first error
  return (result, took) => {
    total.inc({ controller, result })
    if (result === 'error') errors.inc({ controller })
    time.observe({ controller }, took / 1000)
  }
}

function queueMetrics(register: Registry, name: string): QueueObserver {
  const registers = [register]
  const labels = { labelNames: ['name'], registers } as const
  const depth = new Gauge({ ...labels, name: 'workqueue_depth', help: 'Keys in line' })
  const adds = new Counter({ ...labels, name: 'workqueue_adds_total', help: 'Keys added' })
  const retries = new Counter({
    ...labels,
    name: 'workqueue_retries_total',
    help: 'Keys retried with backoff',
  })
  const waited = new Histogram({
    ...labels,
    name: 'workqueue_queue_duration_seconds',
    help: 'How long a key was in line',
    buckets: queueBuckets,
  })
  const worked = new Histogram({
    ...labels,
    name: 'workqueue_work_duration_seconds',
    help: 'How long a key was in work',
    buckets: queueBuckets,
  })
  return {
    added: () => adds.inc({ name }),
    depth: (keys) => depth.set({ name }, keys),
    started: (ms) => waited.observe({ name }, ms / 1000),
    finished: (ms) => worked.observe({ name }, ms / 1000),
    retried: () => retries.inc({ name }),
  }
}
