import { groupNames, topicNames } from '../names.ts'
import type { PanesPartition } from '../stream/merge.ts'
import { parseMergeMetadata } from '../stream/merge-position.ts'
import { parseTaskMetadata, type TaskState, UnreadablePosition } from '../stream/task-position.ts'
import { everHeld } from './ever-held.ts'
import { Halt } from './hold.ts'
import type { Lease, Log, Place, Position } from './log.ts'
import { stablePosition } from './stable-position.ts'

/**
 * Where the work of a pipeline goes on, as its log tells, or a Halt where going on would lose or repeat events. Processors
 * begin here, and a consumer looks here why they do not: so the sentences have no number that changes all the time.
 */

/** Whose work it is. */
export interface Work {
  log: Log
  pipeline: string
  /** Of who works; without it nothing is done, only looked at. */
  lease?: Lease
}

/** The position, where all transactions that move it write to these places. */
const positionOf = (
  { log, lease }: Work,
  at: Place & { group: string },
  written: readonly Place[],
): Promise<Position | undefined> =>
  lease === undefined ? log.position(at) : stablePosition(log, lease, { ...at, written })

/** Where a task goes on; without a position at the start of the log. */
export interface TaskStart {
  committed: { position: Position; state: TaskState } | undefined
  /** The first offset of the log, and the end after the position was read. */
  start: number
  end: number
}

/** One partition for all results: they are few, and their order is kept. */
export const resultsPartition = 0

const beginAnew = 'Delete the four topics of the pipeline to begin anew.'

/** Of the task of a partition. Rejects with a Halt, or a LogFault. */
export const taskStart = async (work: Work, partition: number): Promise<TaskStart> => {
  const { log, pipeline } = work
  const { events: topic, panes, dlq } = topicNames(pipeline)
  const group = groupNames(pipeline).processor
  const where = `partition ${partition} of ${topic}`
  const written = [panes, dlq].map((name) => ({ topic: name, partition }))
  const position = await positionOf(work, { group, topic, partition }, written)
  const { start, end } = await log.bounds(topic, partition)
  if (position === undefined) {
    if (!(await everHeld(log, panes, partition))) return { committed: undefined, start, end }
    throw new Halt(
      `${where}: the group ${group} has no position, but ${panes} has panes of this partition. Counting from the start would count events twice. Was the topic made anew, or were offsets lost? ${beginAnew}`,
    )
  }
  const state = readable(() => parseTaskMetadata(position), { position, where, group })
  const range = `${where}: the position ${state.replayFrom} to ${position.offset} is not in the log, which`
  if (state.replayFrom < start)
    throw new Halt(
      `${range} begins at ${start}. Records expired before they were read, or the topic was made anew. ${beginAnew}`,
    )
  if (position.offset > end)
    throw new Halt(
      `${range} ends before it. The topic was made anew, or somebody moved the position. ${beginAnew}`,
    )
  return { committed: { position, state }, start, end }
}

/** Of the merger, in a partition of the panes. Rejects with a Halt, or a LogFault. */
export const panesStart = async (work: Work, partition: number): Promise<PanesPartition> => {
  const { log, pipeline } = work
  const { panes: topic, metrics } = topicNames(pipeline)
  const group = groupNames(pipeline).merge
  const where = `partition ${partition} of ${topic}`
  const written = [{ topic: metrics, partition: resultsPartition }]
  const position = await positionOf(work, { group, topic, partition }, written)
  const { start } = await log.bounds(topic, partition)
  if (position === undefined) return { position, start }
  const { replayFrom } = readable(() => parseMergeMetadata(position), { position, where, group })
  if (replayFrom < start)
    throw new Halt(
      `${where}: the position ${replayFrom} is before the log's start ${start}. Panes expired before their window was published: its retention is too short, or the processor was away for too long. ${beginAnew}`,
    )
  return { position, start }
}

/** Of the merger, in every partition of the panes. Rejects with a Halt, or a LogFault. */
export const mergeStarts = async (work: Work): Promise<PanesPartition[]> => {
  const { log, pipeline } = work
  const { panes, metrics } = topicNames(pipeline)
  const count = await log.partitions(panes)
  const partitions: PanesPartition[] = []
  for (let partition = 0; partition < count; partition += 1)
    partitions.push(await panesStart(work, partition))
  // Without a position all windows would be published again: results that exist say that it was lost.
  if (partitions[0]?.position === undefined && (await everHeld(log, metrics, resultsPartition)))
    throw new Halt(
      `the group ${groupNames(pipeline).merge} has no position, but ${metrics} has results. Going on would publish every window again. Were offsets lost or deleted? ${beginAnew}`,
    )
  return partitions
}

/** What stands beside a position: tools that move one leave it empty. */
const readable = <T>(
  parse: () => T,
  { position, where, group }: { position: Position; where: string; group: string },
): T => {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof UnreadablePosition)) throw error
    const why =
      position.metadata === ''
        ? `somebody else moved the position of the group ${group}, so that nobody knows what is counted. ${beginAnew}`
        : 'was it written by a newer version? Go forward to that version.'
    throw new Halt(`${where}: ${error.message}: ${why}`, { cause: error })
  }
}
