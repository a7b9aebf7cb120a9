import { topicNames } from '../names.ts'
import type { Backlog } from '../summary.ts'
import { complaint } from './complaint.ts'
import { Halt } from './hold.ts'
import type { Context } from './role.ts'
import { type Standstill, standstill } from './standstill.ts'
import { mergeStarts, taskStart, type Work } from './starts.ts'

const second = 1_000
const interval = 10 * second
/** A reading that takes too long makes the one before it unknown. */
const believedFor = 4 * interval

const unknown: Backlog = {
  lag: null,
  lateEvents: null,
  invalidEvents: null,
  newestEvent: null,
  halted: null,
}

/** Reads the position of each partition, then its end, so that the end is never behind. Rejects with a Halt. */
const readPositions = async (work: Work, still: Standstill): Promise<Backlog> => {
  const partitions = await work.log.partitions(topicNames(work.pipeline).events)
  let [lag, lateEvents, invalidEvents, newest] = [0, 0, 0, 0]
  let isKnown = true
  still.begin()
  for (let partition = 0; partition < partitions; partition += 1) {
    const { committed, start, end } = await taskStart(work, partition)
    await still.at(partition, { offset: committed?.position.offset ?? start, end })
    isKnown &&= committed !== undefined
    if (committed === undefined) continue
    const { position, state } = committed
    lag += Math.max(0, end - position.offset)
    lateEvents += state.late
    invalidEvents += state.invalid
    newest = Math.max(newest, state.maxEventTime)
  }
  if (!isKnown) return unknown
  await mergeStarts(work)
  const newestEvent = newest === 0 ? null : new Date(newest).toISOString()
  return { lag, lateEvents, invalidEvents, newestEvent, halted: null }
}

const read = async (work: Work, still: Standstill): Promise<Backlog> => {
  try {
    return await readPositions(work, still)
  } catch (error) {
    if (error instanceof Halt) return { ...unknown, halted: error.message }
    throw error
  }
}

/**
 * What the positions of a pipeline's tasks say, read again every ten seconds until the signal. Its members are null while
 * unknown: nothing was read yet, a partition has no position, or the last reading failed. What halts the processors is
 * told when two readings say so: while they work, a position may move between the looks of one. What the log tells of its
 * positions is not all that halts: where one stands still the records that follow are looked at.
 */
export const readBacklog = (
  { log, clock, logger, signal }: Omit<Context<unknown>, 'settings'>,
  pipeline: string,
): (() => Backlog) => {
  let newest = { backlog: unknown, at: -Infinity }
  let halted: string | null | undefined
  const still = standstill(log, topicNames(pipeline).events)
  const trouble = complaint(logger, 'cannot read the positions of the tasks yet')
  const turn = async (): Promise<void> => {
    const before = halted
    try {
      const backlog = await read({ log, pipeline }, still)
      halted = backlog.halted
      newest = { backlog: { ...backlog, halted: halted === before ? halted : null }, at: clock.now() }
      trouble.over()
    } catch (error) {
      newest = { backlog: { ...unknown, halted: newest.backlog.halted }, at: clock.now() }
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
