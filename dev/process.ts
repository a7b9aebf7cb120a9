import { spawn } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { lastLines } from './command.ts'
import { Hopeless, until } from './until.ts'

/**
 * A process we started. The start time (clock ticks since boot) beside the pid tells it from a stranger that got
 * the same pid later, so that a recorded process can be stopped safely by another run of ours.
 */
export interface Daemon {
  name: string
  pid: number
  startTime: number
  log: string
}

/** Where a process runs and how long. */
export interface Placement {
  /** `bound`: the kernel kills it when the Node process that started it dies, however it dies. */
  lifetime: 'bound' | 'detached'
  /** Words before the program's own that put it in its place and end by exec, so that the pid stays. */
  within?: readonly string[]
}

export interface Launch extends Placement {
  name: string
  argv: readonly string[]
  /** File that its output is appended to. */
  log: string
  env?: Record<string, string>
}

/**
 * Words before a program's own: the kernel kills it when this process dies. It ends by itself where this process died before
 * the kernel could be asked.
 */
export const bound = (): string[] => {
  const program = '[ "$PPID" = "$0" ] && exec "$@"'
  return ['setpriv', '--pdeathsig', 'KILL', '--', 'sh', '-c', program, String(process.pid)]
}

export function launch({ name, argv, log, env, lifetime, within = [] }: Launch): Promise<Daemon> {
  const [file = '', ...args] = [...within, ...(lifetime === 'bound' ? bound() : []), ...argv]
  const output = openSync(log, 'a')
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', output, output],
      detached: lifetime === 'detached',
    })
    closeSync(output)
    child.unref()
    child.on('error', (cause) =>
      reject(new Error(`${name} could not be started: ${cause.message}`, { cause })),
    )
    child.on('spawn', () => {
      const { pid = 0 } = child
      resolve({ name, pid, startTime: startTime(pid) ?? 0, log })
    })
  })
}

export function alive({ pid, startTime: recorded }: Daemon): boolean {
  return startTime(pid) === recorded
}

/** SIGTERM, and SIGKILL to one that is still there after `grace` milliseconds. Resolves when it is gone. */
export async function stop(daemon: Daemon, grace = 15_000): Promise<void> {
  if (!signal(daemon, 'SIGTERM')) return
  const gone = () => !alive(daemon)
  try {
    await until(`the end of ${daemon.name}`, gone, { deadline: grace })
  } catch {
    await kill(daemon)
  }
}

/** SIGKILL. Resolves when it is gone. */
export async function kill(daemon: Daemon): Promise<void> {
  if (signal(daemon, 'SIGKILL')) await until(`the end of ${daemon.name}`, () => !alive(daemon))
}

/** Waits until `look` gives a value; gives up at once when the process has ended. The error quotes the log. */
export async function untilReady<T>(daemon: Daemon, look: () => Promise<T | undefined | false>): Promise<T> {
  const watch = () => {
    if (!alive(daemon)) throw new Hopeless(`${daemon.name} ended at its start`)
    return look()
  }
  try {
    return await until(`${daemon.name} is ready`, watch, { deadline: 120_000 })
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${words}. The end of ${daemon.log}:\n${logTail(daemon)}`, { cause })
  }
}

function logTail({ log }: Daemon, lines = 15): string {
  return lastLines(readFileSync(log, 'utf8'), lines)
}

function signal(daemon: Daemon, name: NodeJS.Signals): boolean {
  if (!alive(daemon)) return false
  try {
    return process.kill(daemon.pid, name)
  } catch {
    return false // it ended in between
  }
}

/** Field 22 of /proc/PID/stat; undefined for no such process and for one that only waits to be reaped. */
function startTime(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' && !hasThreads(pid) ? undefined : Number(fields[19])
  } catch {
    return undefined
  }
}

/** The first thread of a killed process is a zombie at once; its ports are free when the other threads are gone. */
function hasThreads(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).length > 1
}
