import * as z from 'zod'
import type { Position } from '../roles/log.ts'

/**
 * What a task knows beside its open panes: all that is durable of it. Counts are since `start`, where the partition
 * was first read: records between `start` and the position = events + late + invalid + those in open panes + gaps.
 */
export interface TaskState {
  /** Where a replay starts that fills the open panes again; at most the position. */
  replayFrom: number
  /** Panes that end at or before this instant are closed for good. */
  closedUpTo: number
  /** Newest time of an event that was counted; 0 before the first. */
  maxEventTime: number
  late: number
  invalid: number
  /** Events in closed panes. */
  events: number
  start: number
  /** Offsets that hold no record of an event: marks of the log itself. */
  gaps: number
  /** See Horizon. */
  horizon: (readonly [from: number, until: number])[]
}

const whole = z.int().min(0)
const Metadata = z.object({
  v: z.literal(1),
  replayFrom: whole,
  closedUpTo: whole,
  maxEventTime: whole,
  late: whole,
  invalid: whole,
  events: whole,
  start: whole,
  gaps: whole,
  horizon: z.array(z.tuple([whole, z.number().min(0)])),
})

/** A committed position whose metadata this version cannot read. */
export class UnreadablePosition extends Error {
  override readonly name = 'UnreadablePosition'
}

export const taskMetadata = (state: TaskState): string => JSON.stringify({ v: 1, ...state })

/** Throws UnreadablePosition. */
export const parseTaskMetadata = ({ metadata }: Position): TaskState => {
  try {
    return Metadata.parse(JSON.parse(metadata))
  } catch (error) {
    throw new UnreadablePosition('the metadata of the committed position is not what this version writes', {
      cause: error,
    })
  }
}

/**
 * The state of a task that begins at the given offset. Its instants are no small integers even while they are 0: else the
 * object would change its shape with the first commit, and V8 throw away all code that it has compiled for it.
 */
export const freshState = (start: number): TaskState => {
  const counts = { late: 0, invalid: 0, events: 0, gaps: 0 }
  const state = { replayFrom: start, closedUpTo: NaN, maxEventTime: NaN, ...counts, start, horizon: [] }
  state.closedUpTo = 0
  state.maxEventTime = 0
  return state
}
