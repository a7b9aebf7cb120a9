import type { Hold } from './hold.ts'

interface Ours {
  holds: Hold[]
  stopping: Promise<void> | undefined
}

/** The work at the partitions that a group has given to this pod. */
export interface Assignment {
  /** The partitions that are ours from now on. Work that gave way is tried again. */
  follow(partitions: readonly number[]): void
  /** What goes on, also what is about to end. */
  holds(): readonly Hold[]
  /** Ends all work. */
  end(): Promise<void>
}

/** `begin` begins the work at a partition. Work that is ending ends before it is begun again. */
export const assignment = (begin: (partition: number) => Hold[]): Assignment => {
  const ours = new Map<number, Ours>()
  let wanted: ReadonlySet<number> = new Set()
  const holds = (): Hold[] => [...ours.values()].flatMap((each) => each.holds)
  const stop = async (partition: number, work: Ours): Promise<void> => {
    await Promise.all(work.holds.map((each) => each.stop()))
    ours.delete(partition)
    move()
  }
  const move = (): void => {
    for (const [partition, work] of ours) if (!wanted.has(partition)) work.stopping ??= stop(partition, work)
    for (const partition of wanted)
      if (!ours.has(partition)) ours.set(partition, { holds: begin(partition), stopping: undefined })
  }
  const follow = (partitions: readonly number[]): void => {
    wanted = new Set(partitions)
    for (const each of holds()) each.wake()
    move()
  }
  return {
    follow,
    holds,
    async end() {
      follow([])
      await Promise.all([...ours.values()].flatMap(({ stopping }) => stopping ?? []))
    },
  }
}
