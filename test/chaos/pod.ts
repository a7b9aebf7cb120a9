import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { podEnvironment } from '../../dev/pod-environment.ts'
import { bound } from '../../dev/process.ts'
import { until } from '../../dev/until.ts'
import type { ProcessorEnvironment, Role } from '../../runtime/settings.ts'

const repository = join(import.meta.dirname, '..', '..')

/** A pod as a process: a processor, unless it is told otherwise. */
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
  /** The sum of some, all of the same moment. */
  sum(names: readonly string[]): Promise<number>
  /** What a probe sees: status and text. */
  probe(path: '/healthz' | '/readyz'): Promise<{ ok: boolean; text: string }>
  /** Processor time that it has had, in milliseconds. */
  worked(): number
  /** The most memory that it has ever had resident, in megabytes. */
  peak(): number
  /** Its log. */
  readonly lines: readonly string[]
}

const Listening = z.object({ msg: z.literal('listening'), port: z.number() })

/** The port of the log line that tells it. */
const portIn = (line: string): number | undefined => {
  if (!line.includes('"listening"')) return undefined
  return Listening.parse(JSON.parse(line)).port
}

const measureIn = (metrics: string, name: string): number | undefined => {
  const line = metrics.split('\n').find((each) => each.startsWith(`clickstream_${name}{`))
  return line === undefined ? undefined : Number(line.split(' ').at(-1))
}

/** Starts a pod. `code` is the folder with `runtime/`; the kernel ends it when this process dies. */
export const startPod = async (
  environment: Partial<ProcessorEnvironment>,
  { code = repository, role = 'processor' }: { code?: string; role?: Role } = {},
): Promise<Pod> => {
  const program = [process.execPath, join(code, 'runtime', 'main.ts'), role]
  const [file = '', ...args] = [...bound(), ...program]
  const child = spawn(file, args, {
    env: { ...process.env, ...podEnvironment(), ...environment, NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  await once(child, 'spawn')
  const { pid = 0 } = child
  const lines: string[] = []
  const port = Promise.withResolvers<number>()
  port.promise.catch(() => undefined)
  child.once('exit', () => port.reject(new Error(`process ${pid} ended: ${lines.at(-1)}`)))
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
    measure: async (name) => measureIn((await get('/metrics')).text, name),
    async sum(names) {
      const { text } = await get('/metrics')
      return names.reduce((sum, name) => sum + (measureIn(text, name) ?? 0), 0)
    },
    probe: get,
    worked: () => workedOf(pid),
    peak: () => peakOf(pid),
    lines,
  }
}

/** Columns 14 and 15 of /proc/PID/stat are the time in user and kernel mode, in ticks; names may have blanks in column 2. */
const workedOf = (pid: number): number => {
  const columns = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ').slice(11, 13) ?? []
  return columns.reduce((sum, ticks) => sum + Number(ticks), 0) * millisecondsOfTick
}
/** Linux counts in hundredths of a second for all who ask. */
const millisecondsOfTick = 10

const peakOf = (pid: number): number => {
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Math.round(Number(kilobytes) / 1_024)
}

/** Waits until a pod works at its partitions. */
export const untilReady = (pod: Pod): Promise<boolean> =>
  until(`processor ${pod.pid} is ready`, async () => pod.alive() && (await pod.probe('/readyz')).ok, {
    deadline: 60_000,
  })

/** Waits until the group has spread all partitions over the pods, and each works at its own. */
export const untilShared = (pods: readonly Pod[], partitions: number): Promise<boolean> =>
  until(
    `${partitions} partitions spread over ${pods.length} processors`,
    async () => {
      const shares = await Promise.all(pods.map((pod) => pod.measure('partitions_assigned')))
      const ready = await Promise.all(pods.map((pod) => pod.probe('/readyz')))
      const sum = shares.reduce<number>((total, share) => total + (share ?? 0), 0)
      return sum === partitions && ready.every(({ ok }) => ok)
    },
    { deadline: 60_000 },
  )
