import { Halt } from './hold.ts'
import { type Fetched, type FetchFault, type Log, LogFault, type Place } from './log.ts'

/** Polls that look at what follows a position: a processor commits every ten seconds, so it has not read far beyond. */
const mostPolls = 8
/** Looks in one reading of all positions, so that it ends in time. */
const mostLooks = 8

/** What no attempt can read: it is there again however often it is tried. */
export const unreadable = ({ topic, partition }: Place, fault: LogFault): Halt =>
  new Halt(`partition ${partition} of ${topic}: ${fault.message}`, { cause: fault })

/** How far a place was looked at, and what was found. */
interface Seen {
  /** The position that stands still. */
  offset: number
  next: number
  polls: number
  halt: Halt | undefined
}

/** Takes what one poll brought of the place; gives the end of the partition. */
const taken = (seen: Seen, answer: Fetched | FetchFault): number => {
  if ('fault' in answer) throw answer.fault
  if (answer.eachBatch === undefined) answer.each(() => undefined)
  else answer.eachBatch(() => undefined)
  seen.next = answer.next
  return answer.end
}

/** Looks on until the end, or as far as is looked. What may be read at another time is left for then. */
const look = async (log: Log, place: Place, seen: Seen): Promise<void> => {
  const reader = log.reader(place.topic)
  try {
    reader.seek(place.partition, seen.next)
    for (let end = Infinity; seen.next < end && seen.polls < mostPolls;) {
      seen.polls += 1
      for (const answer of await reader.poll()) end = taken(seen, answer)
    }
  } catch (error) {
    if (!(error instanceof LogFault)) throw error
    if (error.reason === 'Unsupported') seen.halt = unreadable(place, error)
  } finally {
    await reader.close()
  }
}

/** Looks at what follows the positions of a topic that stand still. */
export interface Standstill {
  /** To be called before each reading of all positions. */
  begin(): void
  /** Rejects with a Halt when the position is where it was at the last reading and what follows cannot be read. */
  at(partition: number, position: { offset: number; end: number }): Promise<void>
}

/** What lies behind a position is looked at once: it stays. */
export const standstill = (log: Log, topic: string): Standstill => {
  const places = new Map<number, Seen>()
  let looks = 0
  return {
    begin() {
      looks = 0
    },
    async at(partition, { offset, end }) {
      const seen = places.get(partition)
      if (seen?.offset !== offset) {
        places.set(partition, { offset, next: offset, polls: 0, halt: undefined })
        return
      }
      if (!seen.halt && seen.next < end && seen.polls < mostPolls && looks < mostLooks) {
        looks += 1
        await look(log, { topic, partition }, seen)
      }
      if (seen.halt) throw seen.halt
    },
  }
}
