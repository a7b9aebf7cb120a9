import { type Lease, type Log, LogFault, type Place, type Position } from './log.ts'

interface Where {
  group: string
  topic: string
  partition: number
  /** All that the holder of the lease writes to; every transaction with records has some for the first. */
  written: readonly Place[]
}

/** The position under a lease. What keeps it from being read for good is ended before the fault is thrown. */
export const stablePosition = async (
  log: Pick<Log, 'position'>,
  lease: Lease,
  { written, ...at }: Where,
): Promise<Position | undefined> => {
  try {
    return await log.position(at)
  } catch (error) {
    if (error instanceof LogFault && error.reason === 'Unstable')
      await lease.settle({ group: at.group, partitions: written })
    throw error
  }
}
