import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import type { Measure } from './roles/role.ts'

/** The numbers of this process in Prometheus' text format. */
export interface Metrics {
  contentType: string
  text(measures: readonly Measure[]): Promise<string>
}

/** Node's own metrics and a role's measures under `clickstream_`, all labelled with the pipeline. */
export const metrics = (pipeline: string): Metrics => {
  const registry = new Registry()
  registry.setDefaultLabels({ pipeline })
  collectDefaultMetrics({ register: registry })
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
