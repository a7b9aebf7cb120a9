import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Cluster } from './cluster.ts'
import { until } from './until.ts'

const RULE = /^═+$/

/** The first whole window of a log: the lines from one rule of `═` to the next one, both included. */
export async function windowIn(lines: AsyncIterable<string> | Iterable<string>): Promise<string | undefined> {
  const window: string[] = []
  for await (const line of lines) {
    const isRule = RULE.test(line)
    if (isRule || window.length > 0) window.push(line)
    if (isRule && window.length > 1) return window.join('\n')
  }
  return undefined
}

/** Follows the log of a workload until it shows a window; begins anew while there is no pod, or another one. */
export function firstWindow(cluster: Cluster, workload: string): Promise<string> {
  const follow = () => followLog(cluster, workload)
  return until(`a window in the log of ${workload}`, follow, { deadline: 180_000, every: 500 })
}

async function followLog({ kubectl, kubeconfig }: Cluster, workload: string): Promise<string | undefined> {
  const words = ['--kubeconfig', kubeconfig, 'logs', '--follow', workload]
  const child = spawn(kubectl, words, { stdio: ['ignore', 'pipe', 'ignore'], timeout: 120_000 })
  try {
    return await windowIn(createInterface({ input: child.stdout }))
  } finally {
    child.kill()
  }
}
