import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { podEnvironment } from '../dev/pod-environment.ts'
import { until } from '../dev/until.ts'
import type { Role } from '../runtime/settings.ts'
import { type Measured, startMeasured } from './process.ts'
import type { Stage } from './stage.ts'

/** The bundle that the image runs. */
export const bundle = join(import.meta.dirname, '..', 'dist', 'runtime.mjs')
export const pipeline = 'bench'

/** What the image and the operator would set for every role. */
export const sharedEnvironment = (brokers: string) => ({
  ...podEnvironment(),
  PIPELINE: pipeline,
  NAMESPACE: 'bench',
  KAFKA_BOOTSTRAP_SERVERS: brokers,
  HTTP_PORT: '0',
})

/** A tumbling window as the operator would set it; milliseconds. */
export const windowEnvironment = (window: { size: number; grace: number; idle?: number }) => ({
  WINDOW_SIZE_MS: String(window.size),
  WINDOW_SLIDE_MS: String(window.size),
  WINDOW_GRACE_MS: String(window.grace),
  WINDOW_IDLE_TIMEOUT_MS: String(window.idle ?? 30_000),
  WINDOW_GENERATION: '1',
  PIPELINE_CREATED_MS: '0',
})

/** A role of the bundle as a process. */
export interface Pod extends Measured {
  /** Resolves when its readiness probe is answered well. */
  ready(): Promise<unknown>
}

export interface PodOptions {
  role: Role
  /** Its log is called so; one that comes later may have the same name. */
  name?: string
  env: Record<string, string>
  core?: number | readonly number[]
  within?: readonly string[]
}

export const startPod = async (
  stage: Stage,
  { role, name = role, env, ...place }: PodOptions,
): Promise<Pod> => {
  const log = join(stage.directory, `${name}.log`)
  const argv = [process.execPath, bundle, role]
  const measured = await startMeasured({
    argv,
    env: { ...sharedEnvironment(stage.brokers), ...env },
    log,
    ...place,
  })
  measured.stdout.resume()
  const answers = async (): Promise<boolean> => {
    const port = /"port":(\d+),"msg":"listening"/.exec(readFileSync(log, 'utf8'))?.[1]
    return port !== undefined && (await fetch(`http://127.0.0.1:${port}/readyz`)).ok
  }
  return {
    ...measured,
    ready: () => Promise.race([until(`${name} is ready`, answers, { deadline: 60_000 }), measured.broken]),
  }
}
