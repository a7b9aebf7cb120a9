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
  let fault: string | undefined
  const read = async (): Promise<void> => {
    try {
      const found = await log.partitions(topic)
      if (found !== count) logger.info({ topic, partitions: found }, 'partitions')
      count = found
      fault = undefined
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (message !== fault) logger.warn({ topic, err: error }, 'cannot read the number of partitions yet')
      fault = message
    } finally {
      reading = false
    }
  }
  return (): number | undefined => {
    const now = clock.now()
    if (!reading && (due(now) || (fault !== undefined && retry(now)))) {
      reading = true
      void read()
    }
    return count
  }
}
