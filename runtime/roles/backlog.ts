import { groupNames, topicNames } from '../names.ts'
import { parseTaskMetadata } from '../stream/task-position.ts'
import type { Backlog } from '../summary.ts'
import { complaint } from './complaint.ts'
import type { Log } from './log.ts'
import type { Context } from './role.ts'

const second = 1_000
const interval = 10 * second
/** A reading that takes too long makes the one before it unknown. */
const believedFor = 4 * interval

const unknown: Backlog = { lag: null, lateEvents: null, invalidEvents: null, newestEvent: null }

/** Reads the position of each partition, then its end, so that the end is never behind. */
const read = async (log: Log, pipeline: string): Promise<Backlog> => {
  const topic = topicNames(pipeline).events
  const group = groupNames(pipeline).processor
  const partitions = await log.partitions(topic)
  let [lag, lateEvents, invalidEvents, newest] = [0, 0, 0, 0]
  for (let partition = 0; partition < partitions; partition += 1) {
    const position = await log.position({ group, topic, partition })
    if (position === undefined) return unknown
    const { late, invalid, maxEventTime } = parseTaskMetadata(position)
    const { end } = await log.bounds(topic, partition)
    lag += Math.max(0, end - position.offset)
    lateEvents += late
    invalidEvents += invalid
    newest = Math.max(newest, maxEventTime)
  }
  const newestEvent = newest === 0 ? null : new Date(newest).toISOString()
  return { lag, lateEvents, invalidEvents, newestEvent }
}

/**
 * What the positions of a pipeline's tasks say, read again every ten seconds until the signal. Its members are null while
 * unknown: nothing was read yet, a partition has no position, or the last reading failed.
 */
export const readBacklog = (
  { log, clock, logger, signal }: Omit<Context<unknown>, 'settings'>,
  pipeline: string,
): (() => Backlog) => {
  let newest = { backlog: unknown, at: -Infinity }
  const trouble = complaint(logger, 'cannot read the positions of the tasks yet')
  const turn = async (): Promise<void> => {
    try {
      newest = { backlog: await read(log, pipeline), at: clock.now() }
      trouble.over()
    } catch (error) {
      newest = { backlog: unknown, at: clock.now() }
      if (!signal.aborted) trouble.about(error)
    }
  }
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await turn()
      await clock.sleep(interval, signal)
    }
  }
  void run() // a reading in flight is not waited for: its connection is closed at the end
  return () => (Math.abs(clock.now() - newest.at) <= believedFor ? newest.backlog : unknown)
}
