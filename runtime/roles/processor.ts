import { Reading } from '../kernel/reading.ts'
import { groupNames, topicNames } from '../names.ts'
import type { ProcessorSettings } from '../settings.ts'
import { assignment } from './assignment.ts'
import { noCounts } from './counts.ts'
import { type EventPump, eventPump } from './event-pump.ts'
import { hold, type Hold } from './hold.ts'
import type { Log, Membership } from './log.ts'
import { runMerge } from './merge-loop.ts'
import { partitionCount } from './partition-count.ts'
import {
  processorHealth,
  processorMeasures,
  processorReadiness,
  type ProcessorWork,
} from './processor-status.ts'
import type { Context, Running } from './role.ts'
import { runTask } from './task-loop.ts'

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** Begins the work at a partition: its task, and beside partition 0 the merger. */
const beginner =
  (
    context: Context<ProcessorSettings>,
    { pump, reading, work }: { pump: EventPump; reading: Reading; work: ProcessorWork },
  ) =>
  (partition: number): Hold[] => {
    const { counts, tasks } = work
    const given = { ...context, partition, pump, reading, counts }
    const task = hold({
      ...context,
      name: `task of partition ${partition}`,
      attempt: (attempt) => runTask({ ...given, show: (task) => tasks.set(partition, task) }, attempt),
    })
    if (partition !== 0) return [task]
    const show = (merge: ProcessorWork['merge']): void => {
      work.merge = merge
    }
    const merger = hold({
      ...context,
      name: 'merger',
      attempt: (attempt) => runMerge({ ...context, counts, show }, attempt),
    })
    return [task, merger]
  }

/**
 * Turns events into the results of windows: a task for each partition that the group gives to this pod, and the
 * merger beside the task of partition 0. The group only spreads the work: what is right rests on the leases.
 */
export const runProcessor = (context: Context<ProcessorSettings>): Running => {
  const { settings, log, clock, logger, signal } = context
  const topic = topicNames(settings.PIPELINE).events
  const reading = new Reading()
  // Polling goes on after the signal until the work has ended.
  const polling = new AbortController()
  const pump = eventPump({ log, topic, memory: reading, clock, signal: polling.signal })
  const work: ProcessorWork = {
    counts: noCounts(),
    tasks: new Map(),
    merge: undefined,
    assigned: undefined,
    holds: () => ours.holds(),
    partitions: partitionCount({ log, clock, logger }, topic),
    pumpTurnedAt: () => pump.turnedAt(),
  }
  const ours = assignment(beginner(context, { pump, reading, work }))
  const assigned = (partitions: number[]): void => {
    if (signal.aborted) return
    logger.info({ partitions }, 'partitions assigned')
    work.assigned = partitions
    work.counts.rebalances += 1
    ours.follow(partitions)
  }
  const run = async (): Promise<void> => {
    let membership: Membership | undefined
    try {
      membership = await join(log, settings.PIPELINE, assigned)
      await aborted(signal)
    } finally {
      await ours.end()
      await membership?.leave()
      polling.abort()
      await pump.done
    }
  }
  return {
    done: run(),
    health: () => processorHealth(work, clock.now()),
    readiness: () => processorReadiness(work),
    measures: () => processorMeasures(work, settings, clock.now()),
  }
}

const join = (log: Log, pipeline: string, assigned: (partitions: number[]) => void): Promise<Membership> =>
  log.join({ group: groupNames(pipeline).processor, topic: topicNames(pipeline).events, assigned })
