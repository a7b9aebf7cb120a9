import { groupNames, topicNames } from '../names.ts'
import type { ProcessorSettings } from '../settings.ts'
import { renderInstant } from '../stream/instant.ts'
import { Merge, StaleGeneration, type MergeCommit, type Result } from '../stream/merge.ts'
import { UnreadablePanes } from '../stream/partial.ts'
import { type Counts, timed } from './counts.ts'
import { type Attempt, GiveWay, Halt, isFinal } from './hold.ts'
import { every } from './interval.ts'
import { type Lease, LogFault, type Reader } from './log.ts'
import type { Context } from './role.ts'
import { mergeStarts, panesStart, resultsPartition } from './starts.ts'

/** Positions are written again at least so often, in milliseconds: brokers forget old ones after days. */
const refreshEvery = 60_000

/** What the merger works with, and where it shows itself. */
export interface MergeContext extends Context<ProcessorSettings> {
  counts: Counts
  /** Told the merger at work, for its numbers; undefined when it is gone. */
  show: (merge: RunningMerge | undefined) => void
}

/** A merger at work. */
export interface RunningMerge {
  merge: Merge
  /** When the last turn of its loop ended, in milliseconds since the epoch. */
  turnedAt: number
}

const openMerge = async ({ settings, log }: MergeContext, lease: Lease): Promise<Merge> =>
  new Merge({
    pipeline: settings.PIPELINE,
    window: {
      size: settings.WINDOW_SIZE_MS,
      slide: settings.WINDOW_SLIDE_MS,
      created: settings.PIPELINE_CREATED_MS,
      generation: settings.WINDOW_GENERATION,
    },
    partitions: await mergeStarts({ log, pipeline: settings.PIPELINE, lease }),
  })

/** The loop of a merger under one lease. */
class MergeLoop {
  readonly #context: MergeContext
  readonly #merge: Merge
  readonly #lease: Lease
  readonly #reader: Reader
  readonly #refreshDue = every(refreshEvery)
  #duplicates = 0

  constructor(
    context: MergeContext,
    { merge, lease, reader }: { merge: Merge; lease: Lease; reader: Reader },
  ) {
    this.#context = context
    this.#merge = merge
    this.#lease = lease
    this.#reader = reader
    this.#refreshDue(context.clock.now())
    for (let partition = 0; partition < merge.partitions; partition += 1)
      reader.seek(partition, merge.next(partition))
  }

  /** Reads what came, publishes what ended. True when something was written. */
  async turn(): Promise<boolean> {
    await this.#read()
    if (this.#merge.due()) return this.#publish()
    if (!this.#refreshDue(this.#context.clock.now())) return false
    const positions = this.#merge.refresh()
    if (positions.length > 0) await this.#write([], positions)
    return true
  }

  async #read(): Promise<void> {
    const { counts } = this.#context
    for (const answer of await this.#reader.poll()) {
      if ('fault' in answer) throw answer.fault
      const { partition, next } = answer
      answer.each((record) => this.#merge.take(partition, record))
      this.#merge.fetched(partition, next)
    }
    counts.duplicatePanes += this.#merge.duplicates - this.#duplicates
    this.#duplicates = this.#merge.duplicates
  }

  /** No window is published before it is known that no partition was added which has panes of it. */
  async #publish(): Promise<boolean> {
    const { settings, log } = this.#context
    const count = await log.partitions(topicNames(settings.PIPELINE).panes)
    for (let partition = this.#merge.partitions; partition < count; partition += 1) {
      this.#merge.grow(await panesStart({ log, pipeline: settings.PIPELINE, lease: this.#lease }, partition))
      this.#reader.seek(partition, this.#merge.next(partition))
    }
    for (let commit = this.#merge.commit(); commit !== undefined; commit = this.#merge.commit()) {
      await this.#write(commit.results, commit.positions)
      this.#refreshDue(this.#context.clock.now())
    }
    return true
  }

  async #write(results: readonly Result[], positions: MergeCommit['positions']): Promise<void> {
    const { settings, counts, clock, logger } = this.#context
    const topics = topicNames(settings.PIPELINE)
    const messages = results.map(({ start, text }) => ({
      key: Buffer.from(renderInstant(start)),
      value: Buffer.from(text),
    }))
    const commit = {
      appends:
        messages.length === 0 ? [] : [{ topic: topics.metrics, partition: resultsPartition, messages }],
      group: groupNames(settings.PIPELINE).merge,
      positions: positions.map((position) => ({ topic: topics.panes, ...position })),
    }
    await timed(this.#context, 'merge', () => this.#lease.commit(commit))
    counts.commits += 1
    counts.windows += results.length
    for (const result of results) {
      counts.resultDelay.observe(Math.max(0, clock.now() - result.end) / 1_000)
      logger.info(resultFields(result), 'window complete')
    }
  }
}

const resultFields = ({ start, end, events, users, late, invalid, clipped }: Result) => ({
  window_start: renderInstant(start),
  window_end: renderInstant(end),
  total_events: events,
  unique_users: users,
  late_events: late,
  invalid_events: invalid,
  clipped,
})

const translated = (error: unknown): unknown => {
  if (error instanceof StaleGeneration) return new GiveWay(error.message, { cause: error })
  if (error instanceof UnreadablePanes)
    return new Halt(`${error.message}. Was it written by a newer version?`, { cause: error })
  if (error instanceof LogFault && isFinal(error)) return new Halt(error.message, { cause: error })
  return error
}

/** One attempt at the merger: lease, then positions, then the work. */
export const runMerge = async (context: MergeContext, attempt: Attempt): Promise<void> => {
  const { settings, log, clock, counts, show } = context
  const topics = topicNames(settings.PIPELINE)
  let reader: Reader | undefined
  try {
    const lease = await log.lease(`${settings.NAMESPACE}.${settings.PIPELINE}.merge`, attempt.signal)
    counts.leases += 1
    const merge = await openMerge(context, lease)
    reader = log.reader(topics.panes)
    const loop = new MergeLoop(context, { merge, lease, reader })
    const running: RunningMerge = { merge, turnedAt: clock.now() }
    show(running)
    attempt.started()
    while (!attempt.signal.aborted) {
      if (await loop.turn()) attempt.achieved()
      running.turnedAt = clock.now()
    }
  } catch (error) {
    throw translated(error)
  } finally {
    show(undefined)
    await reader?.close()
  }
}
