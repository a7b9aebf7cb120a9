import assert from 'node:assert/strict'
import { until } from '../../../dev/until.ts'
import { topicNames } from '../../../runtime/names.ts'
import type { Message } from '../../../runtime/roles/log.ts'
import { clickEvent } from '../../inputs/event.ts'
import { malformed, unusual } from '../../inputs/malformed.ts'
import type { Mix } from '../load.ts'
import { createTopics, processorEnvironment } from '../pipeline.ts'
import { type Pod, startPod, untilShared } from '../pod.ts'
import { type Given, type Scenario, story } from '../scenario.ts'

/** Bytes from which on a kind comes once where others come ten times, so that it does not crowd out the rest. */
const giant = 9_000
const often = 10

const headers = Object.fromEntries(
  Array.from({ length: 1_000 }, (_, index) => [`header-${index}`, 'x'.repeat(20)]),
)

const kinds = [...malformed, { value: Buffer.from('words'), headers, reason: 'NotJson' as const }]
const small = kinds.filter(({ value }) => (value?.length ?? 0) < giant)
const giants = kinds.filter((kind) => !small.includes(kind))

const window = { size: 1_000, slide: 1_000 }

/** A tenth of it is no event; another tenth only looks so. */
const mix: Mix = {
  share: 100,
  malformed: [...Array.from({ length: often }, () => small).flat(), ...giants],
  unusual: (timestamp) => {
    const events = unusual(timestamp)
    return [...events, ...events.slice(0, 1).map((event) => ({ ...event, headers }))]
  },
}

export const badEvents: Scenario = {
  fault: 'a tenth of the traffic is no event, of every kind that we could think of',
  expected:
    'every window exact; one dead letter for each, with its reason, partition and offset; no work is interrupted',
  on: 'broker',
  run: (given) =>
    story(
      given,
      { replicas: 1, partitions: 3, rate: given.long ? 5_000 : 1_000, window, mix },
      async (trial) => {
        await trial.windows(given.long ? 60 : 8)
        const troubles = trial.pods.flatMap(({ lines }) =>
          lines.filter((line) => line.includes('interrupted')),
        )
        assert.deepEqual(troubles, [])
        assert.ok(trial.pods.every((pod) => pod.alive()))
        return `${kinds.length} kinds`
      },
    ),
}

const partitions = 3
const perPartition = 30_000
/** Appends of a block: together they take a second of processor time or more, which is told in hundredths. */
const appends = 24
/** Of event time: no more than a block takes, so that it never runs ahead of the clock. */
const eventsPerMillisecond = 80

const counters = ['events_total', 'late_events_total', 'invalid_events_total', 'open_events']

/** A processor alone at its pipeline, which is given events block by block. */
class Line {
  readonly #stage: Given['stage']
  readonly #name: string
  readonly #bad: boolean
  #pod: Pod | undefined
  #time = 0
  #sent = 0

  constructor({ stage }: Given, { name, bad }: { name: string; bad: boolean }) {
    this.#stage = stage
    this.#name = name
    this.#bad = bad
  }

  get pod(): Pod {
    assert.ok(this.#pod)
    return this.#pod
  }

  async open(): Promise<void> {
    await createTopics(this.#stage, { name: this.#name, partitions })
    const { direct } = this.#stage
    this.#pod = await startPod(
      processorEnvironment({ name: this.#name, bootstrapServers: direct, window, generation: 1 }),
    )
    await untilShared([this.#pod], partitions)
  }

  /** Milliseconds of processor time that a block of events takes until the last is counted or refused. */
  async block(): Promise<number> {
    const before = this.pod.worked()
    const { events } = topicNames(this.#name)
    this.#time = Math.max(this.#time, Date.now())
    for (let count = 0; count < appends; count += 1) {
      const append = (partition: number) =>
        this.#stage.log.append({ topic: events, partition, messages: this.#messages() })
      await Promise.all(Array.from({ length: partitions }, (_, partition) => append(partition)))
      this.#time += perPartition / eventsPerMillisecond
      this.#sent += partitions * perPartition
    }
    const judged = async (): Promise<boolean> => (await this.pod.sum(counters)) >= this.#sent
    await until(`${this.#sent} events`, judged, { every: 500 })
    return this.pod.worked() - before
  }

  #messages(): Message[] {
    return Array.from({ length: perPartition }, (_, index) => {
      const bad = this.#bad && index % 10 === 3 ? small[Math.floor(index / 10) % small.length] : undefined
      return { key: null, value: bad === undefined ? this.#event(index) : bad.value }
    })
  }

  #event(index: number): Uint8Array {
    const timestamp = new Date(this.#time + index / eventsPerMillisecond).toISOString()
    const [user_id, page_url] = [`user-${index % 5_000}`, `/page-${index % 97}`]
    return Buffer.from(JSON.stringify(clickEvent({ timestamp, user_id, page_url })))
  }
}

const least = 0.7

export const badEventsThroughput: Scenario = {
  fault: 'a tenth of the traffic is no event: what is left of the throughput',
  expected: `at least ${least} of that of clean traffic, by processor time, block beside block`,
  on: 'broker',
  longOnly: true,
  async run(given) {
    const [clean, mixed] = [false, true].map((bad) => new Line(given, { name: `${given.name}-${bad}`, bad }))
    assert.ok(clean && mixed)
    try {
      await Promise.all([clean.open(), mixed.open()])
      const ratios: number[] = []
      // The first blocks are those in which the code gets warm.
      for (let round = 0; round < (given.long ? 9 : 5); round += 1) {
        const [without, withBad] = [await clean.block(), await mixed.block()]
        if (round > 1) ratios.push(without / withBad)
      }
      const median = ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? 0
      const told = `${median.toFixed(2)} of it, ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}`
      assert.ok(median >= least, told)
      return told
    } finally {
      await Promise.all([clean, mixed].map(({ pod }) => pod.stop()))
    }
  },
}
