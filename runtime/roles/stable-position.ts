import { type HiddenRecord, type Lease, type Log, LogFault, type Place, type Position } from './log.ts'

/**
 * What no lease ends: a broker that crashed may forget to end a transaction in some of its places, the position among
 * them, and end it in others. What it has ended says how the rest is to end.
 */

/** All that the holder of a lease writes to; every transaction with records has some for the first. */
export type Written = readonly [Place, ...Place[]]

interface Where {
  group: string
  topic: string
  partition: number
  written: Written
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

interface Shown {
  group: string
  written: Written
  /** Whether a record of the first place is of a transaction that has moved the position, or is of no consequence. */
  covers: (record: HiddenRecord) => boolean
}

/** Ends what keeps records hidden though the position under the lease can be read. */
export const showHidden = async (
  log: Pick<Log, 'hidden'>,
  lease: Lease,
  { group, written, covers }: Shown,
): Promise<void> => {
  const [first, ...rest] = await Promise.all(written.map((place) => log.hidden(place)))
  const settle = (end: { commit?: boolean }) => lease.settle({ group, partitions: written, ...end })
  if (first !== undefined) await settle({ commit: covers(first) })
  else if (rest.some((record) => record !== undefined)) await settle({})
}
