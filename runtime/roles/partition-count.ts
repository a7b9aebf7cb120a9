import { complaint } from './complaint.ts'
import { every } from './interval.ts'
import type { Log } from './log.ts'
import type { Clock, Logger } from './role.ts'

const second = 1_000

/** The topic's number of partitions, read again every half minute. Undefined until it was read once. */
export const partitionCount = (
  { log, clock, logger }: { log: Log; clock: Clock; logger: Logger },
  topic: string,
): (() => number | undefined) => {
  const due = every(30 * second)
  const retry = every(second)
  let count: number | undefined
  let reading = false
  let faulted = false
  const trouble = complaint(logger, 'cannot read the number of partitions yet', { topic })
  const read = async (): Promise<void> => {
    try {
      const found = await log.partitions(topic)
      if (found !== count) logger.info({ topic, partitions: found }, 'partitions')
      count = found
      faulted = false
      trouble.over()
    } catch (error) {
      faulted = true
      trouble.about(error)
    } finally {
      reading = false
    }
  }
  return (): number | undefined => {
    const now = clock.now()
    if (!reading && (due(now) || (faulted && retry(now)))) {
      reading = true
      void read()
    }
    return count
  }
}
