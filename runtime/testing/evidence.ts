import { clickEvent } from '../../test/inputs/event.ts'
import type { Position } from '../roles/log.ts'
import type { TaskTotals } from '../stream/task-commit.ts'
import type { Holder, MemoryBroker, Transaction } from './memory-broker.ts'
import { groups, topics } from './pipeline.ts'
import type { Sent } from './story.ts'

/** An event as it was sent. */
export interface RawEvent extends Sent {
  partition: number
  offset: number
  time: number
}

/** A transaction that became visible, and what its holder had read when it began. */
export interface Committed {
  transaction: Transaction
  holder: Holder & { newest: number }
  /** The position that was read under the lease; undefined when none was read, null when there was none. */
  opened: Position | null | undefined
}

/** What a history left behind. */
export interface Evidence {
  broker: MemoryBroker
  raw: readonly RawEvent[]
  committed: readonly Committed[]
  /** What was seen of partitions at work, after each action. */
  totals: readonly TaskTotals[]
  /** What was wrong at some moment with what readers of the log saw. */
  torn: readonly string[]
  duplicates: number
  tumbling: boolean
  grown: boolean
}

export const valueOf = ({
  time,
  user,
  page,
  duration,
  broken,
}: Omit<RawEvent, 'partition' | 'offset'>): Uint8Array =>
  new TextEncoder().encode(
    JSON.stringify({
      ...clickEvent({
        timestamp: new Date(time).toISOString(),
        page_url: String(page),
        duration_ms: duration,
      }),
      user_id: broken ? 7 : `user-${user}`,
    }),
  )

/** What a marker says, and the metadata of a position. */
interface Told {
  closedUpTo?: number
  late: number
  invalid: number
}

const nothing: Told = { late: 0, invalid: 0 }

/** Whether a partition has a position, panes or dead letters of a transaction that no mark has ended. */
const hangs = (broker: MemoryBroker, partition: number): boolean => {
  if ([topics.panes, topics.dlq].some((topic) => broker.partition(topic, partition).hidden())) return true
  try {
    broker.position({ group: groups.processor, topic: topics.events, partition })
    return false
  } catch {
    return true
  }
}

/** Marker, dead letters and position of a partition must tell the same, once a lease has ended what crashes left. */
export const tornApart = (broker: MemoryBroker, partition: number): string | undefined => {
  if (hangs(broker, partition)) return undefined
  const position = broker.position({ group: groups.processor, topic: topics.events, partition })
  const marker = broker.records(topics.panes)[partition]?.at(-1)?.value
  const letters = broker.records(topics.dlq)[partition]?.length
  const wanted = position === undefined ? nothing : (JSON.parse(position.metadata) as Told)
  const found = marker ? (JSON.parse(new TextDecoder().decode(marker)) as Told) : nothing
  const says = [wanted.closedUpTo, wanted.late, wanted.invalid, wanted.late + wanted.invalid].join()
  const shows = [found.closedUpTo, found.late, found.invalid, letters].join()
  return says === shows ? undefined : `the position says ${says}, marker and dead letters ${shows}`
}
