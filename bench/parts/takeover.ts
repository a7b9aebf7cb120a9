import { setTimeout as pause } from 'node:timers/promises'
import { step } from '../../dev/progress.ts'
import { until } from '../../dev/until.ts'
import { topicNames } from '../../runtime/names.ts'
import { partitions } from '../load.ts'
import { pipeline, type Pod, startPod, windowEnvironment } from '../pod.ts'
import { atMost, type Report } from '../report.ts'
import { openStage, pipelineTopics, type Stage } from '../stage.ts'
import { figure, median } from '../statistics.ts'
import type { Scale } from './part.ts'

/** Milliseconds without a heartbeat after which the group goes on without a member. */
const session = 10_000
const window = { size: 1_000, grace: 1_000 }

/** Two processors and a live producer, of which one processor at a time is killed. */
class Trial {
  readonly #stage: Stage
  readonly #pods: Pod[] = []
  #started = 0

  constructor(stage: Stage) {
    this.#stage = stage
  }

  async fill(): Promise<void> {
    while (this.#pods.length < 2) {
      this.#started += 1
      const name = `processor-${this.#started}`
      this.#pods.push(
        await startPod(this.#stage, { role: 'processor', name, env: windowEnvironment(window) }),
      )
    }
    await Promise.all(this.#pods.map((pod) => pod.ready()))
  }

  /** Kills the older one; when, in milliseconds since the epoch. */
  async kill(): Promise<number> {
    const at = Date.now()
    await this.#pods.shift()?.stop('SIGKILL')
    return at
  }

  async end(): Promise<void> {
    await Promise.all(this.#pods.map((pod) => pod.stop()))
  }
}

/** When the first result came of a window that ended after `instant`; both in milliseconds since the epoch. */
const resultAfter = (stage: Stage, instant: number): Promise<number> => {
  const tail = stage.witness.follow(topicNames(pipeline).metrics)
  const look = async (): Promise<number | undefined> => {
    const seen = await tail.poll()
    return seen.find(({ key }) => key !== undefined && Date.parse(key) >= instant)?.at
  }
  return until('the next result', look, { deadline: 60_000, every: 5 })
}

export const usual: Scale = { events: 1_000, rounds: 5 }

export const run = async ({ events: rate, rounds }: Scale): Promise<Report> => {
  const stage = await openStage()
  try {
    await stage.topics(pipelineTopics(pipeline, partitions))
    const producer = await startPod(stage, { role: 'producer', env: { RATE: String(rate), USERS: '1000' } })
    const trial = new Trial(stage)
    const runs: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      await trial.fill()
      await resultAfter(stage, Date.now())
      // The heartbeats' phase shall not be the same each time.
      await pause((round * 1_370) % 1_000)
      const killed = await trial.kill()
      const next = await step(`kill -9 ${round + 1} of ${rounds}`, () => resultAfter(stage, killed))
      runs.push((next - killed - session) / 1_000)
    }
    await trial.end()
    await producer.stop()
    return report(runs, rate)
  } finally {
    await stage.close()
  }
}

const report = (runs: readonly number[], rate: number): Report => ({
  part: 'takeover',
  title: 'Take-over: the next result after kill -9 of a processor',
  about: [
    `Two processors at ${rate} events/s, windows of 1 s with 1 s of grace; one is killed, ${runs.length} times. The time is that from the end of its session, ${session / 1_000} s after the kill, to the next window that had not ended before the kill. Less than 0 is possible, as the session counts from the last heartbeat.`,
  ],
  findings: [
    atMost(
      `take-over after kill -9: the next result after the session timeout, the slowest of ${runs.length}`,
      { required: 3, aim: 1, unit: ' s' },
      { value: Math.max(...runs), range: `median ${figure(median(runs))} s` },
    ),
  ],
  table: [
    ['trial', 'seconds after the session timeout'],
    ...runs.map((seconds, trial) => [String(trial + 1), figure(seconds)]),
  ],
  runs,
})
