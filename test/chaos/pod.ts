import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { until } from '../../dev/until.ts'
import type { ProcessorEnvironment } from '../../runtime/settings.ts'

const repository = join(import.meta.dirname, '..', '..')

/** A processor as a process. */
export interface Pod {
  readonly pid: number
  alive(): boolean
  /** SIGKILL. Resolves when it is gone. */
  kill(): Promise<void>
  /** SIGTERM. Resolves with its exit code. */
  stop(): Promise<number | null>
  freeze(): void
  thaw(): void
  /** A measure at /metrics, undefined where it has no value. */
  measure(name: string): Promise<number | undefined>
  /** What a probe sees: status and text. */
  probe(path: '/healthz' | '/readyz'): Promise<{ ok: boolean; text: string }>
  /** Its log. */
  readonly lines: readonly string[]
}

const Listening = z.object({ msg: z.literal('listening'), port: z.number() })

/** The port of the log line that tells it. */
const portIn = (line: string): number | undefined => {
  if (!line.includes('"listening"')) return undefined
  return Listening.parse(JSON.parse(line)).port
}

/** Starts a processor. `code` is the folder with `runtime/`; the kernel ends it when this process dies. */
export const startPod = async (
  environment: ProcessorEnvironment,
  { code = repository }: { code?: string } = {},
): Promise<Pod> => {
  const program = [process.execPath, join(code, 'runtime', 'main.ts'), 'processor']
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...program], {
    env: { ...process.env, ...environment, NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  await once(child, 'spawn')
  const { pid = 0 } = child
  const lines: string[] = []
  const port = Promise.withResolvers<number>()
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line)
    const found = portIn(line)
    if (found !== undefined) port.resolve(found)
  })
  const alive = (): boolean => child.exitCode === null && child.signalCode === null
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const exited = once(child, 'exit')
    if (alive()) {
      child.kill(signal)
      await exited
    }
    return child.exitCode
  }
  const get = async (path: string): Promise<{ ok: boolean; text: string }> => {
    const response = await fetch(`http://127.0.0.1:${await port.promise}${path}`, {
      signal: AbortSignal.timeout(5_000),
    })
    return { ok: response.ok, text: await response.text() }
  }
  return {
    pid,
    alive,
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async measure(name) {
      const { text } = await get('/metrics')
      const line = text.split('\n').find((each) => each.startsWith(`clickstream_${name}{`))
      return line === undefined ? undefined : Number(line.split(' ').at(-1))
    },
    probe: get,
    lines,
  }
}

/** Waits until a pod works at its partitions. */
export const untilReady = (pod: Pod): Promise<boolean> =>
  until(`processor ${pod.pid} is ready`, async () => pod.alive() && (await pod.probe('/readyz')).ok, {
    deadline: 60_000,
  })
