import { z } from 'zod'
import type { EventRow, Letter, ResultRow } from './history.ts'
import { isNoEvent } from './load.ts'
import type { Seen } from './visible.ts'

const instant = z.string().transform((text) => Date.parse(text))
const Result = z.object({
  window_start: instant,
  window_end: instant,
  total_events: z.int(),
  unique_users: z.int(),
  event_types: z.record(z.string(), z.int()),
  late_events: z.int(),
  invalid_events: z.int(),
  exact: z.boolean(),
  clipped: z.boolean(),
  generation: z.int(),
})

/** A record of the metrics topic. */
export const resultRow = ({ partition, offset, key, value, at }: Seen) => {
  const result = Result.parse(JSON.parse(String(value)))
  return {
    partition,
    offset,
    /** When the witness took it, milliseconds since the epoch. */
    at,
    key: Date.parse(key ?? ''),
    start: result.window_start,
    end: result.window_end,
    total: result.total_events,
    users: result.unique_users,
    typed: Object.values(result.event_types).reduce((sum, count) => sum + count, 0),
    late: result.late_events,
    invalid: result.invalid_events,
    exact: result.exact,
    clipped: result.clipped,
    generation: result.generation,
  } satisfies ResultRow & Record<string, unknown>
}
export type SeenResult = ReturnType<typeof resultRow>

const timestamp = /"timestamp":"([^"]+)"/

/** A record of the events topic; the load puts each event's id into its key. */
export const eventRow = ({ partition, offset, key, value }: Seen): EventRow => {
  const id = key ?? ''
  const text = isNoEvent(id) ? undefined : timestamp.exec(String(value))?.[1]
  return { partition, offset, id, time: text === undefined ? undefined : Date.parse(text) }
}

/** A dead letter stands in a partition of its own topic, says of which record it is, and has that one's key. */
export const letterRow = ({ key, headers }: Seen): Letter => ({
  id: key ?? '',
  partition: Number(headers['partition']),
  offset: Number(headers['offset']),
  reason: headers['reason'] ?? '',
})
