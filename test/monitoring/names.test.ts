import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { allMetrics } from '../../dev/monitoring/metrics.ts'
import { dashboard, dashboardConfigMap, root, rules } from './manifests.ts'

/** Names in panels, rules and documents beside those that the code has. That pods export them: live.test.ts. */

const known = new Set(
  Object.values(allMetrics())
    .flat()
    .flatMap(({ name, type }) =>
      type === 'histogram' ? [name, `${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
    ),
)
const ours = /\b(?:clickstream|controller_runtime|workqueue|rest_client|leader_election)_[a-z_]*[a-z]/g
const unknown = (text: string): string[] => (text.match(ours) ?? []).filter((name) => !known.has(name))
const panelQuestions = () => dashboard().panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))

test('every metric of ours that a panel, a variable or a rule asks for exists', () => {
  for (const { alert, expr } of rules()) assert.deepEqual(unknown(expr), [], alert)
  for (const expr of panelQuestions()) assert.deepEqual(unknown(expr), [], expr)
  assert.deepEqual(unknown(JSON.stringify(dashboard().templating)), [])
})

test('every metric of ours that a document names exists, and docs/metrics.md names each', () => {
  const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: root })
  assert.ok(documents.length > 20)
  for (const document of documents)
    assert.deepEqual(unknown(readFileSync(join(root, document), 'utf8')), [], document)
  const named = new Set(readFileSync(join(root, 'docs/metrics.md'), 'utf8').match(ours))
  const missing = Object.values(allMetrics())
    .flat()
    .filter(({ name }) => !named.has(name))
  assert.deepEqual(missing, [])
})

test('what is not ours is of Kafka Exporter, the brokers or kube-state-metrics', () => {
  const foreign = panelQuestions().flatMap((expr) => expr.match(/\b(?:kafka|kube)_[a-z_]+/g) ?? [])
  assert.deepEqual(
    [...new Set(foreign)],
    [
      'kafka_topic_partition_current_offset',
      'kafka_consumergroup_lag',
      'kafka_log_log_size',
      'kube_pod_status_phase',
    ],
  )
})

test("Grafana's sidecar finds the dashboard, which has its users' seven panels first, and lag turns red at 100", () => {
  assert.deepEqual(dashboardConfigMap().metadata.labels, { grafana_dashboard: '1' })
  const { panels, templating } = dashboard()
  assert.deepEqual(
    panels.map(({ title }) => title),
    [
      'Ingestion rate',
      'Consumer lag',
      'Topic size',
      'Output rate',
      'Running producer pods',
      'Running processor pods',
      'Running consumer pods',
      'Ready',
      'Freshness',
      'Watermark',
      'Conservation',
      'Late events and dead letters',
      'Commit time',
      'Reconciles',
    ],
  )
  assert.deepEqual(
    templating.list.map(({ name }) => name),
    ['datasource', 'namespace', 'pipeline'],
  )
  const lag = panels.find(({ title }) => title === 'Consumer lag')
  assert.deepEqual(
    lag?.targets.map(({ expr }) => expr),
    ['sum(kafka_consumergroup_lag{topic="$pipeline-events",consumergroup="$pipeline-processor"})'],
  )
  assert.equal(lag?.fieldConfig.defaults.thresholds?.steps[1]?.value, 100)
})
