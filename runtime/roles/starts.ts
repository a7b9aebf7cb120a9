import { groupNames, topicNames } from '../names.ts'
import type { PanesPartition } from '../stream/merge.ts'
import { type MergeState, parseMergeMetadata } from '../stream/merge-position.ts'
import { includes } from '../stream/partial.ts'
import { parseTaskMetadata, type TaskState, UnreadablePosition } from '../stream/task-position.ts'
import { everHeld } from './ever-held.ts'
import { Halt } from './hold.ts'
import type { HiddenRecord, Lease, Log, Place, Position } from './log.ts'
import { parseResult } from './results.ts'
import { showHidden, stablePosition, type Written } from './stable-position.ts'

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
  written: Written,
): Promise<Position | undefined> =>
  lease === undefined ? log.position(at) : stablePosition(log, lease, { ...at, written })

const show = async ({ log, lease }: Work, shown: Parameters<typeof showHidden>[2]): Promise<void> => {
  if (lease !== undefined) await showHidden(log, lease, shown)
}

/** Where a task goes on; without a position at the start of the log. */
export interface TaskStart {
  committed: { position: Position; state: TaskState } | undefined
  /** The first offset of the log, and the end after the position was read. */
  start: number
  end: number
}

/** One partition for all results: they are few, and their order is kept. */
export const resultsPartition = 0

const results = (topic: string): Written => [{ topic, partition: resultsPartition }]

const newer = 'was it written by a newer version? Go forward to that version.'
const beginAnew = 'Delete the four topics of the pipeline to begin anew.'

/** Of the task of a partition. Rejects with a Halt, or a LogFault. */
export const taskStart = async (work: Work, partition: number): Promise<TaskStart> => {
  const { log, pipeline } = work
  const { events: topic, panes, dlq } = topicNames(pipeline)
  const group = groupNames(pipeline).processor
  const where = `partition ${partition} of ${topic}`
  const written: Written = [
    { topic: panes, partition },
    { topic: dlq, partition },
  ]
  const position = await positionOf(work, { group, topic, partition }, written)
  const state = position && readable(() => parseTaskMetadata(position), { position, where, group })
  await show(work, { group, written, covers: (record) => state !== undefined && includes(state, record) })
  const { start, end } = await log.bounds(topic, partition)
  if (position === undefined || state === undefined) {
    if (!(await everHeld(log, panes, partition))) return { committed: undefined, start, end }
    // Somebody else may have taken the lease and begun, since it was read.
    if (await log.position({ group, topic, partition })) return taskStart(work, partition)
    throw new Halt(
      `${where}: the group ${group} has no position, but ${panes} has panes of this partition. Counting from the start would count events twice. Was the topic made anew, or were offsets lost? ${beginAnew}`,
    )
  }
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
  const position = await positionOf(work, { group, topic, partition }, results(metrics))
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
  const group = groupNames(pipeline).merge
  const published = partitions[0]?.position && parseMergeMetadata(partitions[0].position)
  const covers = (record: HiddenRecord): boolean => isPublished(published, record)
  await show(work, { group, written: results(metrics), covers })
  // Without a position all windows would be published again: results that exist say that it was lost.
  if (partitions[0]?.position === undefined && (await everHeld(log, metrics, resultsPartition))) {
    if (await log.position({ group, topic: panes, partition: 0 })) return mergeStarts(work)
    throw new Halt(
      `the group ${group} has no position, but ${metrics} has results. Going on would publish every window again. Were offsets lost or deleted? ${beginAnew}`,
    )
  }
  return partitions
}

/** Whether what is published includes a result. */
const isPublished = (state: MergeState | undefined, { value }: HiddenRecord): boolean => {
  if (state === undefined) return false
  const window = parseResult(value)
  if ('problem' in window)
    throw new Halt(`a result that is still hidden cannot be read: ${window.problem}: ${newer}`)
  return window.end <= state.closedUpTo
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
        : newer
    throw new Halt(`${where}: ${error.message}: ${why}`, { cause: error })
  }
}
