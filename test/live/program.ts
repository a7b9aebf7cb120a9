import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { type Daemon, launch, stop, untilReady } from '../../dev/process.ts'

const root = join(import.meta.dirname, '..', '..')

/** A program of the bundle at work. */
export interface Program {
  url: string
  /** What it answers on a path. */
  get(path: string): Promise<string>
  log(): string
  stop(): Promise<void>
}

const Listening = z.object({ msg: z.literal('listening'), port: z.number() })

const portIn = (log: string): number | undefined => {
  const line = readFileSync(log, 'utf8')
    .split('\n')
    .find((each) => each.includes('"listening"'))
  return line === undefined ? undefined : Listening.parse(JSON.parse(line)).port
}

/** Starts a program as its image does, on a free port; resolves when it listens. */
export const startProgram = async (options: {
  directory: string
  name: string
  bundle: 'operator' | 'runtime'
  role: string
  env: Record<string, string>
}): Promise<Program> => {
  const { directory, name, bundle, role, env } = options
  const log = join(directory, `${name}.log`)
  const daemon: Daemon = await launch({
    name,
    argv: [process.execPath, join(root, 'dist', `${bundle}.mjs`), role],
    log,
    env: { NODE_ENV: 'production', HTTP_PORT: '0', ...env },
    lifetime: 'bound',
  })
  const port = await untilReady(daemon, async () => portIn(log))
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    get: async (path) => (await fetch(`${url}${path}`, { signal: AbortSignal.timeout(5_000) })).text(),
    log: () => readFileSync(log, 'utf8'),
    stop: () => stop(daemon),
  }
}
