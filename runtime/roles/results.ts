import * as z from 'zod'
import type { Window } from '../board/board.ts'
import { bounded } from '../board/counts.ts'
import type { WindowResult } from '../stream/result.ts'

const count = z.int().min(0)
/** Most entries kept of each kind of count; a result may hold thousands. */
const most = 20
const counts = z.record(z.string(), count).transform((all) => bounded(all, most))
const instant = z.iso.datetime()

const Result: z.ZodType<WindowResult> = z.object({
  pipeline: z.string(),
  window_start: instant,
  window_end: instant,
  total_events: count,
  unique_users: count,
  unique_sessions: count,
  event_types: counts,
  devices: counts,
  top_referrers: counts,
  top_pages: counts,
  avg_duration_ms: count,
  late_events: count,
  invalid_events: count,
  exact: z.boolean(),
  clipped: z.boolean(),
  generation: count,
})

/** The window in a record's value, or in a sentence why there is none. Of each kind of count 20 entries are kept. */
export const parseResult = (value: Uint8Array | null): Window | { problem: string } => {
  if (value === null) return { problem: 'the record has no value' }
  let given: unknown
  try {
    given = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value))
  } catch (error) {
    return { problem: `the value is not JSON: ${String(error)}` }
  }
  const parsed = Result.safeParse(given)
  if (!parsed.success) return { problem: z.prettifyError(parsed.error) }
  const start = Date.parse(parsed.data.window_start)
  const end = Date.parse(parsed.data.window_end)
  if (end <= start) return { problem: `the window ends at ${parsed.data.window_end}, not after its start` }
  return { start, end, result: parsed.data }
}
