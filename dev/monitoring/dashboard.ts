/** The Grafana dashboard: the seven panels that its users know, then ours. */

interface Target {
  expr: string
  legend: string
}

interface Panel {
  title: string
  description: string
  unit: 'short' | 's' | 'bytes' | 'cps' | 'bool_yes_no'
  targets: readonly Target[]
  /** From here on it is shown as bad. */
  threshold?: number
}

const one = (expr: string, legend: string): readonly Target[] => [{ expr, legend }]

const runningPods = (role: string): Panel => ({
  title: `Running ${role} pods`,
  description: 'From kube-state-metrics.',
  unit: 'short',
  targets: one(
    `sum(kube_pod_status_phase{namespace="$namespace",pod=~"$pipeline-${role}-.*",phase="Running"})`,
    role,
  ),
})

/** From Kafka Exporter, the broker's JMX exporter and kube-state-metrics. */
const kafkaPanels: readonly Panel[] = [
  {
    title: 'Ingestion rate',
    description: 'Events per second written to each partition of the events topic. From Kafka Exporter.',
    unit: 'cps',
    targets: one(
      'rate(kafka_topic_partition_current_offset{topic="$pipeline-events"}[5m])',
      'partition {{partition}}',
    ),
  },
  {
    title: 'Consumer lag',
    description:
      'Events that the processor has not committed yet: those of about a second are normal. From Kafka Exporter.',
    unit: 'short',
    targets: one(
      'sum(kafka_consumergroup_lag{topic="$pipeline-events",consumergroup="$pipeline-processor"})',
      'events',
    ),
    threshold: 100,
  },
  {
    title: 'Topic size',
    description: "Bytes of each topic on the brokers' disks. From the JMX exporter of the brokers.",
    unit: 'bytes',
    targets: one(
      'sum by (topic) (kafka_log_log_size{topic=~"$pipeline-(events|panes|metrics|dlq)"})',
      '{{topic}}',
    ),
  },
  {
    title: 'Output rate',
    description: 'Results per second written to the metrics topic. From Kafka Exporter.',
    unit: 'cps',
    targets: one('sum(rate(kafka_topic_partition_current_offset{topic="$pipeline-metrics"}[5m]))', 'results'),
  },
  runningPods('producer'),
  runningPods('processor'),
  runningPods('consumer'),
]

/** The labels of the metrics of one pipeline's pods. */
const of = 'namespace="$namespace",pipeline="$pipeline"'

const quantile = (q: number): Target => ({
  expr: `histogram_quantile(${q}, sum by (le, work) (rate(clickstream_commit_duration_seconds_bucket{${of}}[5m])))`,
  legend: `{{work}}, ${100 * q} %`,
})

const ours: readonly Panel[] = [
  {
    title: 'Ready',
    description: 'Whether the pipeline is Ready, as its status says.',
    unit: 'bool_yes_no',
    targets: one(`clickstream_pipeline_ready{${of}}`, 'ready'),
  },
  {
    title: 'Freshness',
    description: 'Seconds since the end of the newest window: up to its length and its grace are normal.',
    unit: 's',
    targets: one(`max(clickstream_freshness_seconds{${of}})`, 'newest window'),
  },
  {
    title: 'Watermark',
    description: 'How far the panes, and the results made of them, are behind the clock.',
    unit: 's',
    targets: [
      { expr: `max(clickstream_watermark_lag_seconds{${of}})`, legend: 'panes' },
      { expr: `max(clickstream_results_lag_seconds{${of}})`, legend: 'results' },
    ],
  },
  {
    title: 'Conservation',
    description:
      'Events read, less those counted anywhere; panes and windows that came twice. All must stay 0.',
    unit: 'short',
    targets: [
      { expr: `sum(clickstream_unaccounted_events{${of}})`, legend: 'unaccounted' },
      { expr: `sum(clickstream_duplicate_panes_total{${of}})`, legend: 'panes twice' },
      { expr: `max(clickstream_windows_repeated_total{${of}})`, legend: 'windows twice' },
    ],
    threshold: 1,
  },
  {
    title: 'Late events and dead letters',
    description: 'What was not counted, by its reason; all of it is in the dead-letter topic.',
    unit: 'cps',
    targets: [
      { expr: `sum(rate(clickstream_late_events_total{${of}}[5m]))`, legend: 'late' },
      {
        expr: `sum by (reason) (rate(clickstream_dead_letters_total{${of},reason!="Late"}[5m])) > 0`,
        legend: '{{reason}}',
      },
    ],
  },
  {
    title: 'Commit time',
    description: 'How long the transactions of tasks and merger take.',
    unit: 's',
    targets: [quantile(0.5), quantile(0.99)],
  },
  {
    title: 'Reconciles',
    description: "The operator's passes by how they ended.",
    unit: 'cps',
    targets: one(
      'sum by (controller, result) (rate(controller_runtime_reconcile_total{controller=~"clickstreampipeline|kafkatopic"}[5m]))',
      '{{controller}} {{result}}',
    ),
  },
]

const panels: readonly Panel[] = [...kafkaPanels, ...ours]

const datasource = { type: 'prometheus', uid: '${datasource}' }

const columns = 3
const size = { w: 8, h: 8 }

const threshold = (from: number) => ({
  thresholds: {
    mode: 'absolute',
    steps: [
      { color: 'green', value: null },
      { color: 'red', value: from },
    ],
  },
  custom: { thresholdsStyle: { mode: 'line' } },
})

const panel = ({ title, description, unit, targets, ...rest }: Panel, index: number) => ({
  id: index + 1,
  type: unit === 'bool_yes_no' ? 'stat' : 'timeseries',
  title,
  description,
  datasource,
  gridPos: { ...size, x: (index % columns) * size.w, y: Math.floor(index / columns) * size.h },
  fieldConfig: {
    defaults: { unit, min: 0, ...(rest.threshold !== undefined && threshold(rest.threshold)) },
    overrides: [],
  },
  targets: targets.map(({ expr, legend }, number) => ({
    refId: String.fromCodePoint(65 + number),
    datasource,
    expr,
    legendFormat: legend,
  })),
})

const variable = (name: string, query: string) => ({
  name,
  type: 'query',
  datasource,
  query: { query, refId: name },
  refresh: 2,
  sort: 1,
})

const dashboard = {
  uid: 'clickstream-pipeline',
  title: 'Clickstream pipeline',
  tags: ['clickstream', 'kafka'],
  schemaVersion: 39,
  editable: true,
  refresh: '30s',
  time: { from: 'now-1h', to: 'now' },
  templating: {
    list: [
      { name: 'datasource', type: 'datasource', query: 'prometheus' },
      variable('namespace', 'label_values(clickstream_pipeline_ready, namespace)'),
      variable('pipeline', 'label_values(clickstream_pipeline_ready{namespace="$namespace"}, pipeline)'),
    ],
  },
  panels: panels.map(panel),
}

/** The ConfigMap that Grafana's sidecar looks for. */
export const dashboardConfigMap = () => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'clickstream-dashboard', labels: { grafana_dashboard: '1' } },
  data: { 'clickstream.json': `${JSON.stringify(dashboard, null, 2)}\n` },
})
