import { Registry } from 'prom-client'
import { buildInfo, leadership, pipelineGauges } from '../../operator/reconcile/gauges.ts'
import { controllerMetrics, eventMetrics, requestMetrics } from '../../operator/reconcile/metrics.ts'
import { build, catalogue, type Metric } from '../../runtime/measures.ts'

/** A metric of ours under its whole name. */
interface Named extends Metric {
  name: string
}

/** The metrics of the operator's two controllers, as they register them. */
const operatorMetrics = (): Named[] => {
  const registry = new Registry()
  buildInfo(registry, '')
  leadership(registry, '')
  pipelineGauges(registry, () => [])
  controllerMetrics(registry, { name: '', workers: 1 }).watch({ working: () => [] })
  requestMetrics(registry)
  eventMetrics(registry)
  return registry.getMetricsAsArray().map((metric) => {
    const { name, help, type } = metric
    const labels = 'labelNames' in metric && Array.isArray(metric.labelNames) ? metric.labelNames : []
    return { name, help, type: types[String(type)] ?? 'gauge', labels }
  })
}

const types: Record<string, Metric['type']> = { counter: 'counter', gauge: 'gauge', histogram: 'histogram' }

const namedOf = (metrics: Record<string, Metric>): Named[] =>
  Object.entries(metrics).map(([name, metric]) => ({ name: `clickstream_${name}`, ...metric }))

/** Every metric of ours, by who exports it. */
export const allMetrics = (): Record<string, Named[]> => ({
  operator: operatorMetrics(),
  producer: namedOf({ ...build, ...catalogue.producer }),
  processor: namedOf({ ...build, ...catalogue.processor }),
  consumer: namedOf({ ...build, ...catalogue.consumer }),
})

const table = (metrics: readonly Named[]): string[] => [
  '| metric | type | labels | meaning |',
  '|---|---|---|---|',
  ...metrics.map(
    ({ name, type, labels = [], help }) => `| \`${name}\` | ${type} | ${labels.join(', ')} | ${help} |`,
  ),
]

/** docs/metrics.md: every metric of ours. */
export const renderMetrics = (): string =>
  [
    '# Metrics',
    '',
    'Made from `runtime/measures.ts` and `operator/reconcile` by `make generate`. Each pod answers `/metrics` on port 8080;',
    '`config/monitoring` has what Prometheus and Grafana need to show them. Beside these each process exports the `process_`',
    'and `nodejs_` metrics of prom-client. A value that is not known is left out, and never shown as 0.',
    '',
    'Metrics of a pipeline have the label `pipeline`; the namespace comes with the scrape. No label has a value that comes',
    'from an event.',
    '',
    ...Object.entries(allMetrics()).flatMap(([who, metrics]) => [
      `## ${titles[who] ?? who}`,
      '',
      ...table(metrics),
      '',
    ]),
  ].join('\n')

const titles: Record<string, string> = {
  operator: 'Operator and topic controller',
  producer: 'Producer',
  processor: 'Processor',
  consumer: 'Consumer',
}
