import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import program from '../package.json' with { type: 'json' }
import { type AnyValues, described } from './measures.ts'

/** The numbers of this process in Prometheus' text format. */
export interface Metrics {
  contentType: string
  text(values: AnyValues): Promise<string>
}

/**
 * Of the lag of the event loop the one that is measured when somebody asks is kept. The others come from a timer that
 * wakes the process a hundred times a second, which is half of what an idle one does: it is set to a second, and what
 * it would say is left out.
 */
const seldom = 1_000
const sampled = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99']

/** Node's own metrics, as far as they cost nothing while nobody asks. */
export const processMetrics = (register: Registry): void => {
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: seldom })
  for (const part of sampled) register.removeSingleMetric(`nodejs_eventloop_lag_${part}_seconds`)
}

/** What prom-client wants to know of a metric of the catalogue. */
const configuration = (name: string) => {
  const { help = '', labels = [], buckets } = described[name] ?? {}
  return {
    name: `clickstream_${name}`,
    help,
    labelNames: [...labels],
    ...(buckets && { buckets: [...buckets] }),
    registers: [],
  }
}

/** A histogram of the catalogue, for a role to fill. */
export const histogram = (name: string): Histogram => new Histogram(configuration(name))

const made = (name: string): Counter | Gauge =>
  described[name]?.type === 'counter' ? new Counter(configuration(name)) : new Gauge(configuration(name))

/** Node's own metrics, the version, and a role's under `clickstream_`, all labelled with the pipeline. */
export const metrics = (pipeline: string): Metrics => {
  const registry = new Registry()
  registry.setDefaultLabels({ pipeline })
  processMetrics(registry)
  new Gauge({ ...configuration('build_info'), registers: [registry] }).set({ version: program.version }, 1)
  const known = new Map<string, Counter | Gauge>()
  const metric = (name: string): Counter | Gauge => {
    const one = known.get(name) ?? made(name)
    known.set(name, one)
    registry.registerMetric(one)
    return one
  }
  const show = (name: string, value: number | Readonly<Record<string, number>>): void => {
    const one = metric(name)
    one.reset()
    if (typeof value === 'number') return one.inc(value)
    const [label = ''] = described[name]?.labels ?? []
    for (const [key, count] of Object.entries(value)) one.inc({ [label]: key }, count)
  }
  return {
    contentType: registry.contentType,
    async text(values) {
      for (const [name, value] of Object.entries(values)) {
        // Unknown is not 0: a measure without a value must not show the zero that a new metric begins with.
        if (value === undefined) known.get(name)?.remove()
        else if (value instanceof Histogram) registry.registerMetric(value)
        else show(name, value)
      }
      return registry.metrics()
    },
  }
}
