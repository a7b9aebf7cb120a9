import type { Rows } from '../kernel/kernel.ts'
import type { Reading } from '../kernel/reading.ts'
import { groupNames, topicNames } from '../names.ts'
import type { ProcessorSettings } from '../settings.ts'
import { Task, type TaskCommit } from '../stream/task.ts'
import { UnreadablePosition } from '../stream/task-position.ts'
import { type Counts, countLetters, timed } from './counts.ts'
import type { EventPump, Subscriber } from './event-pump.ts'
import { everHeld } from './ever-held.ts'
import { type Attempt, Halt, isFinal } from './hold.ts'
import { type Fetched, type Lease, LogFault, type LogRecord } from './log.ts'
import type { Context } from './role.ts'
import { stablePosition } from './stable-position.ts'

/** A transaction in flight is waited for this long when the work ends, then left to the next lease. */
const patience = 5_000

/** What the task of one partition works with, and where it shows itself. */
export interface TaskContext extends Context<ProcessorSettings> {
  partition: number
  pump: EventPump
  reading: Reading
  counts: Counts
  /** Told the task at work, for its numbers; undefined when it is gone. */
  show: (task: RunningTask | undefined) => void
}

/** A task at work. */
export interface RunningTask {
  task: Task
  /** The end of the partition at the last fetch. */
  end: number
  /** When the commit in flight began, undefined when there is none. */
  committingSince: number | undefined
}

const halt = (message: string, cause?: unknown): Halt => new Halt(message, { cause })

/** Reads the position under a fresh lease, and refuses to go on from one that would lose or repeat events. */
const openTask = async (context: TaskContext, lease: Lease): Promise<Task> => {
  const { settings, log, clock, partition } = context
  const topics = topicNames(settings.PIPELINE)
  const where = `partition ${partition} of ${topics.events}`
  const group = groupNames(settings.PIPELINE).processor
  const written = [topics.panes, topics.dlq].map((topic) => ({ topic, partition }))
  const position = await stablePosition(log, lease, { group, topic: topics.events, partition, written })
  const { start, end } = await log.bounds(topics.events, partition)
  if (position === undefined && (await everHeld(log, topics.panes, partition)))
    throw halt(
      `${where}: the group ${group} has no position, but ${topics.panes} has panes of this partition. Counting from the start would count events twice. Was the topic made anew, or were offsets lost? Delete the four topics of the pipeline to begin anew.`,
    )
  const task = new Task({
    topic: topics.events,
    partition,
    scan: context.reading.scan,
    window: {
      slide: settings.WINDOW_SLIDE_MS,
      grace: settings.WINDOW_GRACE_MS,
      idleTimeout: settings.WINDOW_IDLE_TIMEOUT_MS,
    },
    position,
    start,
    now: clock.now(),
  })
  const committed = position?.offset ?? start
  if (task.next < start || committed > end)
    throw halt(
      `${where}: the position ${task.next} to ${committed} is not in the log, which has ${start} to ${end}. Records expired before they were read, or the topic was made anew. Delete the four topics of the pipeline to begin anew.`,
    )
  return task
}

const writer = (context: TaskContext, lease: Lease) => {
  const { settings, partition, counts } = context
  const topics = topicNames(settings.PIPELINE)
  const group = groupNames(settings.PIPELINE).processor
  return async ({ panes, deadLetters, position, counted }: TaskCommit): Promise<void> => {
    const appends = [
      { topic: topics.panes, partition, messages: panes },
      { topic: topics.dlq, partition, messages: deadLetters },
    ].filter(({ messages }) => messages.length > 0)
    const positions = [{ topic: topics.events, partition, ...position }]
    await timed(context, 'task', () => lease.commit({ appends, group, positions }))
    counts.commits += 1
    counts.panes += counted.panes
    counts.events += counted.events
    counts.late += counted.late
    counts.invalid += counted.invalid
    countLetters(counts, deadLetters)
  }
}

const fold = (
  reading: Reading,
  { fetched, task, now }: { fetched: Fetched; task: Task; now: number },
): void => {
  const rest = (record: LogRecord): void => task.fold(record, now)
  const visitor = { visit: (rows: Rows) => task.foldRows(rows, now), rest }
  if (fetched.eachBatch === undefined) fetched.each(rest)
  else fetched.eachBatch((batch) => reading.kernel.read(batch, visitor))
}

/** Folds fetches and commits beside them, one commit at a time, until an error or the signal. */
const work = async (
  context: TaskContext,
  running: RunningTask,
  { lease, attempt }: { lease: Lease; attempt: Attempt },
): Promise<void> => {
  const { pump, partition, clock } = context
  const { task } = running
  const write = writer(context, lease)
  const failed = Promise.withResolvers<void>()
  let writing = Promise.resolve()
  const commit = async (given: TaskCommit): Promise<void> => {
    running.committingSince = clock.now()
    await write(given)
    running.committingSince = undefined
    attempt.achieved()
  }
  const subscriber: Subscriber = {
    take(fetched, now) {
      fold(context.reading, { fetched, task, now })
      task.fetched(now, fetched)
      running.end = fetched.end
      const given = running.committingSince === undefined ? task.commit(clock.now()) : undefined
      if (given !== undefined) writing = commit(given).catch(failed.reject)
    },
    fail: failed.reject,
  }
  const stop = (): void => failed.resolve()
  attempt.signal.addEventListener('abort', stop)
  pump.subscribe(partition, { offset: task.next, subscriber })
  try {
    await failed.promise
  } finally {
    pump.drop(partition, subscriber)
    attempt.signal.removeEventListener('abort', stop)
  }
  await Promise.race([writing, clock.sleep(patience)])
}

/** What stops a partition for good: repeating it would not help, and skipping would lose events. */
const asHalt = (error: unknown): unknown => {
  if (error instanceof UnreadablePosition)
    return halt(`${error.message}: was it written by a newer version?`, error)
  if (error instanceof LogFault && isFinal(error)) return halt(error.message, error)
  return error
}

/** One attempt at the task of a partition: lease, then position, then the work. */
export const runTask = async (context: TaskContext, attempt: Attempt): Promise<void> => {
  const { settings, log, partition, counts, show } = context
  try {
    const id = `${settings.NAMESPACE}.${settings.PIPELINE}.task.${partition}`
    const lease = await log.lease(id, attempt.signal)
    counts.leases += 1
    const task = await openTask(context, lease)
    if (attempt.signal.aborted) return
    const running: RunningTask = { task, end: task.next, committingSince: undefined }
    show(running)
    attempt.started()
    await work(context, running, { lease, attempt })
  } catch (error) {
    throw asHalt(error)
  } finally {
    show(undefined)
  }
}
