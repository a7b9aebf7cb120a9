import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { until } from '../dev/until.ts'
import type { Contestant } from './contestants.ts'
import type { Loaded } from './load.ts'
import { type Measured, startMeasured, type Usage } from './process.ts'
import type { Stage } from './stage.ts'

/** One run of one contestant over all events. */
export interface Drained extends Usage {
  /** Seconds from the start of the process until the last window's result. */
  wall: number
  /** Seconds of processor time of the broker meanwhile. */
  broker: number
  /** What the oracle found wrong. */
  problems: string[]
}

/** Runs a contestant until it has published every window, alone on its core. */
export const drain = async (
  stage: Stage,
  contestant: Contestant,
  { loaded, run }: { loaded: Loaded; run: number },
): Promise<Drained> => {
  const { name, argv, topics, groups } = contestant
  const env = contestant.env(run)
  await stage.topics(topics)
  const before = stage.brokerCpu()
  const start = performance.now()
  const measured = await startMeasured({ argv, env, log: join(stage.directory, `${name}.log`) })
  try {
    const results = await Promise.race([published(stage, { contestant, measured, loaded }), measured.broken])
    const wall = (performance.now() - start) / 1_000
    const used = { ...measured.usage(), wall, broker: stage.brokerCpu() - before }
    return { ...used, problems: loaded.oracle.problems(results) }
  } finally {
    await measured.stop()
    if (groups.length > 0) await stage.forget(groups)
  }
}

/** The results, once there is one for each window. */
const published = async (
  stage: Stage,
  { contestant, measured, loaded }: { contestant: Contestant; measured: Measured; loaded: Loaded },
): Promise<unknown[]> => {
  const results: unknown[] = []
  let known = 0
  const take = (text: string): void => {
    const result: unknown = JSON.parse(text)
    results.push(result)
    if (loaded.oracle.knows(result)) known += 1
  }
  const poll =
    contestant.results === undefined ? fromOutput(measured, take) : fromTopic(stage, contestant.results, take)
  const deadline = 120_000 + loaded.records / 10
  await until(
    `all ${loaded.oracle.windows} windows of ${contestant.name}`,
    async () => {
      await poll()
      return known >= loaded.oracle.windows
    },
    { deadline, every: 10 },
  )
  return results
}

const fromOutput = ({ stdout }: Measured, take: (text: string) => void) => {
  createInterface({ input: stdout }).on('line', take)
  return () => Promise.resolve()
}

const fromTopic = ({ witness }: Stage, topic: string, take: (text: string) => void) => {
  const tail = witness.follow(topic)
  return async () => {
    for (const { value } of await tail.poll()) take(String(value))
  }
}
