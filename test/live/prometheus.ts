import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { debian } from '../../dev/debian.ts'
import { freePorts } from '../../dev/ports.ts'
import { kill, launch, untilReady } from '../../dev/process.ts'
import { ruleFile } from '../monitoring/manifests.ts'

/** A pod to be scraped, with the labels that its PodMonitor gives it. */
export interface Target {
  url: string
  labels: Record<string, string>
  honorLabels: boolean
}

interface RuleState {
  name: string
  state: 'inactive' | 'pending' | 'firing'
  health: string
  lastError?: string
}

/** A Prometheus that scrapes and evaluates the rules every second. */
export interface Prometheus {
  /** The values that an expression has now; rejects when Prometheus refuses it. */
  query(expr: string): Promise<number[]>
  rules(): Promise<RuleState[]>
  /** Health of all targets. */
  targets(): Promise<string[]>
  end(): Promise<void>
}

export const startPrometheus = async (directory: string, targets: readonly Target[]): Promise<Prometheus> => {
  const home = join(directory, 'prometheus')
  mkdirSync(home)
  writeFileSync(join(home, 'rules.yml'), stringify(ruleFile()))
  writeFileSync(join(home, 'prometheus.yml'), stringify(configuration(targets)))
  const [port = 0] = await freePorts(1)
  const daemon = await launch({
    name: 'prometheus',
    argv: [
      ...(await debian('prometheus')),
      `--config.file=${join(home, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(home, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    log: join(home, 'prometheus.log'),
    lifetime: 'bound',
  })
  const url = `http://127.0.0.1:${port}`
  await untilReady(daemon, async () => (await fetch(`${url}/-/ready`)).ok)
  const ask = async (path: string): Promise<unknown> => {
    const response = await fetch(`${url}/api/v1/${path}`)
    const { data, error } = (await response.json()) as { data: unknown; error?: string }
    if (error !== undefined) throw new Error(`${path}: ${error}`)
    return data
  }
  return {
    async query(expr) {
      const { result } = (await ask(`query?query=${encodeURIComponent(expr)}`)) as {
        result: { value: [number, string] }[]
      }
      return result.map(({ value }) => Number(value[1]))
    },
    async rules() {
      const { groups } = (await ask('rules')) as { groups: { rules: RuleState[] }[] }
      return groups.flatMap(({ rules }) => rules)
    },
    async targets() {
      const { activeTargets } = (await ask('targets')) as { activeTargets: { health: string }[] }
      return activeTargets.map(({ health }) => health)
    },
    end: () => kill(daemon),
  }
}

const configuration = (targets: readonly Target[]) => ({
  global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
  rule_files: ['rules.yml'],
  scrape_configs: targets.map(({ url, labels, honorLabels }, number) => ({
    job_name: `target-${number}`,
    honor_labels: honorLabels,
    static_configs: [{ targets: [url.replace('http://', '')], labels }],
  })),
})
