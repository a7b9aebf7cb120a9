import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import type { Measure } from './roles/role.ts'

/** The numbers of this process in Prometheus' text format. */
export interface Metrics {
  contentType: string
  text(measures: readonly Measure[]): Promise<string>
}

/**
 * Of the lag of the event loop the one that is measured when somebody asks is kept. The others come from a timer that
 * wakes the process a hundred times a second, which is half of what an idle one does: it is set to a second, and what
 * it would say is left out.
 */
const seldom = 1_000
const sampled = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99']

/** Node's own metrics and a role's measures under `clickstream_`, all labelled with the pipeline. */
export const metrics = (pipeline: string): Metrics => {
  const registry = new Registry()
  registry.setDefaultLabels({ pipeline })
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: seldom })
  for (const part of sampled) registry.removeSingleMetric(`nodejs_eventloop_lag_${part}_seconds`)
  const known = new Map<string, Counter | Gauge>()
  const metric = ({ name, help, type }: Measure): Counter | Gauge => {
    const options = { name: `clickstream_${name}`, help, registers: [registry] }
    const made = known.get(name) ?? (type === 'counter' ? new Counter(options) : new Gauge(options))
    known.set(name, made)
    return made
  }
  return {
    contentType: registry.contentType,
    async text(measures) {
      // Unknown is not 0: a measure without a value must not show the zero that a new metric begins with.
      for (const made of known.values()) made.remove()
      for (const measure of measures) {
        if (measure.value === undefined) continue
        const made = metric(measure)
        made.reset()
        made.inc(measure.value)
      }
      return registry.metrics()
    },
  }
}
