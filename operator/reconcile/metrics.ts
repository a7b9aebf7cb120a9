import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { PassResult } from './controller.ts'
import type { QueueObserver } from './queue.ts'
import { type Dropped, droppings } from './recorder.ts'

export interface ControllerMetrics {
  /** For the options of the controller. */
  began: () => void
  passed: (result: PassResult, took: number) => void
  /** For the options of the queue. */
  queue: QueueObserver
  /** Shows of the queue how long the keys in work have been there, at each scrape; one at a time is watched. */
  watch: (queue: { working(): readonly number[] }) => void
}

/** controller-runtime's buckets, in seconds. */
const passBuckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5,
  1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
]
const queueBuckets = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000]

const results: readonly PassResult[] = ['success', 'error', 'requeue', 'requeue_after']

/**
 * The metrics of a controller and its queue under controller-runtime's names, labels and buckets, so that its users'
 * dashboards and alerts fit. Call it once for each registry.
 */
export const controllerMetrics = (
  register: Registry,
  { name, workers }: { name: string; workers: number },
): ControllerMetrics => ({
  ...passMetrics(register, { controller: name, workers }),
  ...queueMetrics(register, { name, controller: name }),
})

function passMetrics(
  register: Registry,
  { controller, workers }: { controller: string; workers: number },
): Pick<ControllerMetrics, 'began' | 'passed'> {
  const registers = [register]
  const labels = { labelNames: ['controller'], registers } as const
  const total = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Passes by how they ended.',
    labelNames: ['controller', 'result'],
    registers,
  })
  const errors = new Counter({
    ...labels,
    name: 'controller_runtime_reconcile_errors_total',
    help: 'Passes that threw.',
  })
  const time = new Histogram({
    ...labels,
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'Length of a pass.',
    buckets: passBuckets,
  })
  const active = new Gauge({
    ...labels,
    name: 'controller_runtime_active_workers',
    help: 'Passes under way.',
  })
  const most = new Gauge({
    ...labels,
    name: 'controller_runtime_max_concurrent_reconciles',
    help: 'Passes at a time, at most.',
  })
  // An alert on a rate needs the zero before the first.
  for (const result of results) total.inc({ controller, result }, 0)
  errors.inc({ controller }, 0)
  active.set({ controller }, 0)
  most.set({ controller }, workers)
  return {
    began: () => active.inc({ controller }),
    passed(result, took) {
      active.dec({ controller })
      total.inc({ controller, result })
      if (result === 'error') errors.inc({ controller })
      time.observe({ controller }, took / 1000)
    },
  }
}

type QueueLabels = Record<'name' | 'controller', string>

function queueMetrics(register: Registry, of: QueueLabels): Pick<ControllerMetrics, 'queue' | 'watch'> {
  const registers = [register]
  const labels = { labelNames: ['name', 'controller'], registers } as const
  const depth = new Gauge({ ...labels, name: 'workqueue_depth', help: 'Keys in line.' })
  const adds = new Counter({ ...labels, name: 'workqueue_adds_total', help: 'Keys added.' })
  const retries = new Counter({
    ...labels,
    name: 'workqueue_retries_total',
    help: 'Keys retried with backoff.',
  })
  const waited = new Histogram({
    ...labels,
    name: 'workqueue_queue_duration_seconds',
    help: 'How long a key was in line.',
    buckets: queueBuckets,
  })
  const worked = new Histogram({
    ...labels,
    name: 'workqueue_work_duration_seconds',
    help: 'How long a key was in work.',
    buckets: queueBuckets,
  })
  let working: () => readonly number[] = () => []
  workMetrics(register, of, () => working())
  depth.set(of, 0)
  adds.inc(of, 0)
  retries.inc(of, 0)
  return {
    queue: {
      added: () => adds.inc(of),
      depth: (keys) => depth.set(of, keys),
      started: (ms) => waited.observe(of, ms / 1000),
      finished: (ms) => worked.observe(of, ms / 1000),
      retried: () => retries.inc(of),
    },
    watch(queue) {
      depth.set(of, 0)
      working = () => queue.working()
    },
  }
}

function workMetrics(register: Registry, of: QueueLabels, working: () => readonly number[]): Gauge[] {
  const registers = [register]
  const labels = { labelNames: ['name', 'controller'], registers } as const
  const seconds = (name: string, help: string, value: () => number) =>
    new Gauge({
      ...labels,
      name,
      help,
      collect() {
        this.set(of, value() / 1000)
      },
    })
  return [
    seconds('workqueue_unfinished_work_seconds', 'How long the keys in work have been there, together.', () =>
      working().reduce((sum, ms) => sum + ms, 0),
    ),
    seconds(
      'workqueue_longest_running_processor_seconds',
      'How long the oldest key in work has been there.',
      () => Math.max(0, ...working()),
    ),
  ]
}

/** client-go's counter of requests to the API server; `<error>` is one without an answer. */
export const requestMetrics = (register: Registry) => {
  const total = new Counter({
    name: 'rest_client_requests_total',
    help: 'Requests to the API server by method, host and code of the answer.',
    labelNames: ['code', 'method', 'host'],
    registers: [register],
  })
  return (request: { code: string; method: string; host: string }): void => total.inc({ ...request })
}

/** Counts the events that were not written. */
export const eventMetrics = (register: Registry) => {
  const total = new Counter({
    name: 'clickstream_operator_events_dropped_total',
    help: 'Kubernetes events about pipelines that were not written: `burst`, a pipeline had too much to tell; `full`, too many waited; `failed`, the API server did not take it.',
    labelNames: ['reason'],
    registers: [register],
  })
  for (const reason of droppings) total.inc({ reason }, 0)
  return (reason: Dropped): void => total.inc({ reason })
}
