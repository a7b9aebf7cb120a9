import { setTimeout as pause } from 'node:timers/promises'
import { connect } from '../runtime/kafka/log.ts'
import type { Point } from './statistics.ts'

/** Something that grows. */
export type Count = () => Promise<number>

/** The records of a topic, and how to stop asking for them. */
export const recordsOf = async (brokers: string, topic: string) => {
  const log = await connect({ bootstrapServers: brokers, clientId: 'bench' })
  const partitions = await log.partitions(topic)
  const count: Count = async () => {
    const bounds = await Promise.all(Array.from({ length: partitions }, (_, n) => log.bounds(topic, n)))
    return bounds.reduce((sum, { start, end }) => sum + end - start, 0)
  }
  return { count, close: () => log.close() }
}

/**
 * Looks at a count for `seconds`, `every` so many milliseconds, and keeps the points where it had grown: between them
 * it is not known how far it was.
 */
export const watched = async (
  count: Count,
  { seconds, every }: { seconds: number; every: number },
): Promise<Point[]> => {
  const points: Point[] = []
  const begin = performance.now()
  let last = await count()
  for (let at = 0; at < seconds;) {
    await pause(every)
    const now = await count()
    at = (performance.now() - begin) / 1_000
    if (now > last) points.push({ at, count: now })
    last = now
  }
  return points
}
