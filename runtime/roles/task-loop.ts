import type { Rows } from '../kernel/kernel.ts'
import type { Reading } from '../kernel/reading.ts'
import { groupNames, topicNames } from '../names.ts'
import type { ProcessorSettings } from '../settings.ts'
import { UnreadablePanes } from '../stream/partial.ts'
import { Task } from '../stream/task.ts'
import type { TaskCommit } from '../stream/task-commit.ts'
import { type Counts, countLetters, timed } from './counts.ts'
import type { EventPump, Subscriber } from './event-pump.ts'
import { type Attempt, Halt, isFinal } from './hold.ts'
import { type Fetched, type Lease, LogFault, type LogRecord, type Place } from './log.ts'
import type { Context } from './role.ts'
import { unreadable } from './standstill.ts'
import { taskStart } from './starts.ts'

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

/** Begins where the position under a fresh lease says. */
const openTask = async (context: TaskContext, lease: Lease): Promise<Task> => {
  const { settings, log, clock, partition } = context
  const { committed, start } = await taskStart({ log, pipeline: settings.PIPELINE, lease }, partition)
  return new Task({
    topic: topicNames(settings.PIPELINE).events,
    partition,
    scan: context.reading.scan,
    window: {
      slide: settings.WINDOW_SLIDE_MS,
      grace: settings.WINDOW_GRACE_MS,
      idleTimeout: settings.WINDOW_IDLE_TIMEOUT_MS,
    },
    position: committed?.position,
    start,
    now: clock.now(),
  })
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
    countLetters(counts, deadLetters.reasons())
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
const asHalt = (place: Place, error: unknown): unknown => {
  if (error instanceof UnreadablePanes)
    return new Halt(`${error.message}. Was it written by a newer version?`, { cause: error })
  return error instanceof LogFault && isFinal(error) ? unreadable(place, error) : error
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
    throw asHalt({ topic: topicNames(settings.PIPELINE).events, partition }, error)
  } finally {
    show(undefined)
  }
}
