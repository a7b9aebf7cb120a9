import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { lastLines, run } from '../dev/command.ts'
import { bound } from '../dev/process.ts'

/** With two cores or more the broker and we ourselves have the first, and what is measured the second. */
export const cores = { broker: 0, measured: 1 } as const

/** Of the machine: later this process itself has one core. */
const areEnough = availableParallelism() >= 2

/** Words that put a process on a core; none where there is only one. */
export const onCore = (core: number | readonly number[]): string[] =>
  areEnough ? ['taskset', '-c', String(core)] : []

/** Keeps this process away from the core of what is measured. */
export const stepAside = async (): Promise<void> => {
  if (areEnough) await run(['taskset', '-acp', String(cores.broker), String(process.pid)])
}

/** What a process has used since it began. */
export interface Usage {
  /** Seconds of processor time, user and system, of all its threads. */
  cpu: number
  /** Most memory it had at once, in MB of a million bytes. */
  peak: number
  /** Memory it has now, in MB. */
  resident: number
}

/** Processor time is told in hundredths of a second on every Linux that Node runs on. */
const ticks = 100

/** Reads what the kernel tells of a process: the texts of /proc/PID/stat and /proc/PID/status. */
export const parseUsage = (stat: string, status: string): Usage => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const memory = (name: string): number => {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]
    return (Number(kilobytes) * 1_024) / 1e6
  }
  return {
    cpu: (Number(fields[11]) + Number(fields[12])) / ticks,
    peak: memory('VmHWM'),
    resident: memory('VmRSS'),
  }
}

export const usage = (pid: number): Usage =>
  parseUsage(readFileSync(`/proc/${pid}/stat`, 'utf8'), readFileSync(`/proc/${pid}/status`, 'utf8'))

/** A process that is measured. */
export interface Measured {
  readonly pid: number
  readonly stdout: NodeJS.ReadableStream
  usage(): Usage
  /** SIGTERM, or another signal. Resolves when it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Rejects when it ends by itself, with the last words of its log. */
  readonly broken: Promise<never>
}

export interface MeasuredOptions {
  argv: readonly string[]
  env: Record<string, string>
  /** File for what it writes to stderr. */
  log: string
  core?: number | readonly number[]
  /** Words before the program's own that put it in its place and end by exec. */
  within?: readonly string[]
}

/** Starts a process on its core, bound to the life of ours. */
export const startMeasured = async (options: MeasuredOptions): Promise<Measured> => {
  const { argv, env, log, core = cores.measured, within = [] } = options
  const [file = '', ...rest] = [...within, ...onCore(core), ...bound(), ...argv]
  const errors = openSync(log, 'w')
  const child = spawn(file, rest, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', errors] })
  closeSync(errors)
  await once(child, 'spawn')
  const { pid = 0, stdout } = child
  if (stdout === null) throw new Error(`${file} has no output`)
  let stopped = false
  const exited = once(child, 'exit')
  const broken = exited.then(([code, signal]): Promise<never> => {
    if (stopped) return new Promise(() => undefined)
    const words = lastLines(readFileSync(log, 'utf8'), 15)
    throw new Error(`${argv.join(' ')} ended with ${signal ?? code}:\n${words}`)
  })
  broken.catch(() => undefined)
  return {
    pid,
    stdout,
    broken,
    usage: () => usage(pid),
    async stop(signal = 'SIGTERM') {
      stopped = true
      if (running(child)) child.kill(signal)
      await exited
    },
  }
}

const running = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null
