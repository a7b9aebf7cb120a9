import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Cluster } from './cluster.ts'
import { until } from './until.ts'

const RULE = /^═+$/

/** Lines of a long log to look at: more than two windows. */
const TAIL = 80

/**
 * The first whole window of a log, which may begin in the middle of one: the lines from one rule of `═` to the next,
 * both included. Two rules with nothing between them are the end of one window and the start of another.
 */
export async function windowIn(lines: AsyncIterable<string> | Iterable<string>): Promise<string | undefined> {
  let window: string[] = []
  for await (const line of lines) {
    const isRule = RULE.test(line)
    if (isRule && window.some((text) => text.trim() !== '' && !RULE.test(text)))
      return [...window, line].join('\n')
    if (isRule) window = [line]
    else if (window.length > 0) window.push(line)
  }
  return undefined
}

/** Follows the log of a workload until it shows a window; begins anew while there is no pod, or another one. */
export function firstWindow(cluster: Cluster, workload: string): Promise<string> {
  const follow = () => followLog(cluster, workload)
  return until(`a window in the log of ${workload}`, follow, { deadline: 180_000, every: 500 })
}

async function followLog({ kubectl, kubeconfig }: Cluster, workload: string): Promise<string | undefined> {
  const words = ['--kubeconfig', kubeconfig, 'logs', '--follow', `--tail=${TAIL}`, workload]
  const child = spawn(kubectl, words, { stdio: ['ignore', 'pipe', 'ignore'], timeout: 120_000 })
  try {
    return await windowIn(createInterface({ input: child.stdout }))
  } finally {
    child.kill()
  }
}
