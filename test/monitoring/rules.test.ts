import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { stringify } from 'yaml'
import { run } from '../../dev/command.ts'
import { debian } from '../../dev/debian.ts'
import { stories } from './alerts.ts'
import { questions, root, type Rule, ruleFile, rules } from './manifests.ts'

/** Rules and panels as Prometheus' own tool reads and plays them. */

const directory = mkdtempSync(join(tmpdir(), 'rules-'))
after(() => rmSync(directory, { recursive: true }))

const file = (name: string, content: unknown): string => {
  const path = join(directory, name)
  writeFileSync(path, stringify(content))
  return path
}
const promtool = async (...args: string[]): Promise<string> => run([...(await debian('promtool')), ...args])
const minutes = (count: number): string => `${count}m`

/** Labels of a series with the order that promtool does not care about. */
const samples = (...pairs: [labels: string, value: number][]) =>
  pairs.map(([labels, value]) => ({ labels, value }))

test('Prometheus reads every rule, its question and its texts', async () => {
  const said = await promtool('check', 'rules', file('whole.yaml', ruleFile()))
  assert.match(said, new RegExp(`${rules().length} rules found`))
})

test('each alert fires in its story after its time, and is over when the trouble is', async () => {
  assert.deepEqual(
    stories.map(({ alert }) => alert).sort(),
    rules()
      .map(({ alert }) => alert)
      .sort(),
  )
  const severity = new Map(rules().map(({ alert, labels }) => [alert, labels]))
  // What the annotations say is checked above; here only whether there is an alert.
  const bare = { groups: ruleFile().groups.map((group) => ({ ...group, rules: group.rules.map(silent) })) }
  file('rules.yaml', bare)
  const tests = stories.map(({ alert, series, labels, ...times }) => ({
    name: alert,
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: [
      { eval_time: minutes(times.before), alertname: alert, exp_alerts: [] },
      {
        eval_time: minutes(times.firing),
        alertname: alert,
        exp_alerts: [{ exp_labels: { ...severity.get(alert), ...labels } }],
      },
      { eval_time: minutes(times.over), alertname: alert, exp_alerts: [] },
    ],
  }))
  await promtool(
    'test',
    'rules',
    file('stories.yaml', { rule_files: ['rules.yaml'], evaluation_interval: '1m', tests }),
  )
})

const silent = (rule: Rule) => ({ ...rule, annotations: {} })

test('each alert has its page, and each page its alert', () => {
  for (const { alert, annotations } of rules()) {
    assert.equal(annotations['runbook'], `docs/runbooks/${alert}.md`)
    const path = join(root, `docs/runbooks/${alert}.md`)
    assert.ok(existsSync(path), `write ${path}`)
    const page = readFileSync(path, 'utf8')
    for (const heading of ['# ', '## What it means', '## What to look at', '## What to do'])
      assert.ok(page.includes(heading), `${path} has no part "${heading}"`)
  }
  const pages = readdirSync(join(root, 'docs/runbooks')).filter((name) => name !== 'README.md')
  assert.deepEqual(
    pages.sort(),
    rules()
      .map(({ alert }) => `${alert}.md`)
      .sort(),
  )
})

test('the seven panels of Kafka Exporter, the brokers and kube-state-metrics show what they say', async () => {
  const asked = (title: string) => questions(title, { namespace: 'kafka', pipeline: 'shop' })
  const pods = (role: string, phase: string) =>
    `kube_pod_status_phase{namespace="kafka",pod="shop-${role}-a",phase="${phase}"}`
  const series = {
    'kafka_topic_partition_current_offset{topic="shop-events",partition="0"}': '0+600x10',
    'kafka_topic_partition_current_offset{topic="shop-events",partition="1"}': '0+1200x10',
    'kafka_topic_partition_current_offset{topic="shop-metrics",partition="0"}': '0+60x10',
    'kafka_consumergroup_lag{topic="shop-events",consumergroup="shop-processor",partition="0"}': '7x10',
    'kafka_consumergroup_lag{topic="shop-events",consumergroup="shop-processor",partition="1"}': '5x10',
    'kafka_consumergroup_lag{topic="shop-panes",consumergroup="shop-merge",partition="1"}': '9x10',
    'kafka_log_log_size{topic="shop-events",partition="0"}': '1000x10',
    'kafka_log_log_size{topic="shop-events",partition="1"}': '500x10',
    'kafka_log_log_size{topic="other-events",partition="1"}': '500x10',
    ...Object.fromEntries(
      ['producer', 'processor', 'consumer'].map((role) => [pods(role, 'Running'), '1x10']),
    ),
    [pods('processor', 'Pending')]: '0x10',
  }
  const expected: Record<string, object[]> = {
    'Ingestion rate': samples(
      ['{topic="shop-events", partition="0"}', 10],
      ['{topic="shop-events", partition="1"}', 20],
    ),
    'Consumer lag': samples(['{}', 12]),
    'Topic size': samples(['{topic="shop-events"}', 1500]),
    'Output rate': samples(['{}', 1]),
    'Running producer pods': samples(['{}', 1]),
    'Running processor pods': samples(['{}', 1]),
    'Running consumer pods': samples(['{}', 1]),
  }
  const promql_expr_test = Object.entries(expected).flatMap(([title, exp_samples]) => {
    const exprs = asked(title)
    assert.equal(exprs.length, 1, title)
    return exprs.map((expr) => ({ expr, eval_time: '10m', exp_samples }))
  })
  const input_series = Object.entries(series).map(([name, values]) => ({ series: name, values }))
  const tests = [{ interval: '1m', input_series, promql_expr_test }]
  await promtool('test', 'rules', file('panels.yaml', { rule_files: [], tests }))
})
