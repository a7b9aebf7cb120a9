import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

export const root = join(import.meta.dirname, '..', '..')

export interface Rule {
  alert: string
  expr: string
  for?: string
  labels: Record<string, string>
  annotations: Record<string, string>
}

interface Rules {
  groups: { name: string; rules: Rule[] }[]
}

/** What Prometheus Operator writes into a file of rules: the spec of the PrometheusRule. */
export const ruleFile = (): Rules =>
  parse(readFileSync(join(root, 'config/monitoring/rules.yaml'), 'utf8')).spec

export const rules = (): Rule[] => ruleFile().groups.flatMap(({ rules }) => rules)

interface Dashboard {
  templating: { list: { name: string; query: string | { query: string } }[] }
  panels: {
    title: string
    fieldConfig: { defaults: { thresholds?: { steps: { value: number | null }[] } } }
    targets: { expr: string }[]
  }[]
}

interface ConfigMap {
  metadata: { labels: Record<string, string> }
  data: Record<string, string>
}

export const dashboardConfigMap = (): ConfigMap =>
  parse(readFileSync(join(root, 'config/monitoring/dashboard.yaml'), 'utf8'))

export const dashboard = (): Dashboard => JSON.parse(dashboardConfigMap().data['clickstream.json'] ?? '')

/** The questions of a panel as Grafana asks them for one pipeline. */
export const questions = (
  title: string,
  { namespace, pipeline }: { namespace: string; pipeline: string },
): string[] =>
  dashboard()
    .panels.filter((panel) => panel.title === title)
    .flatMap(({ targets }) => targets.map(({ expr }) => expr))
    .map((expr) => expr.replaceAll('$namespace', namespace).replaceAll('$pipeline', pipeline))
