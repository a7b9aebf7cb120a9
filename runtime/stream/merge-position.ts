import { z } from 'zod'
import type { Position } from '../roles/log.ts'
import { UnreadablePosition } from './task-position.ts'

/** Up to where windows are published, by which rule, and by which generation of the pipeline. */
export interface Published {
  /** End of the last published window, in milliseconds since the epoch. */
  closedUpTo: number
  /** No window reaches back over it; see nextWindow. May lie before the epoch. */
  origin: number
  size: number
  slide: number
  generation: number
}

/** What is durable of the merger for one partition of the panes; `Published` is the same in all of them. */
export interface MergeState extends Published {
  /** Where a replay starts that brings all panes of windows to come; at most the position. */
  replayFrom: number
  /** The partition's newest marker below the position. */
  marker: number
  /** Of the marker's counts, what results have told already. */
  late: number
  invalid: number
}

const whole = z.int().min(0)
const Metadata = z.object({
  v: z.literal(1),
  closedUpTo: whole,
  origin: z.int(),
  size: z.int().positive(),
  slide: z.int().positive(),
  generation: whole,
  replayFrom: whole,
  marker: whole,
  late: whole,
  invalid: whole,
})

export const mergeMetadata = (state: MergeState): string => JSON.stringify({ v: 1, ...state })

/** Throws UnreadablePosition. */
export const parseMergeMetadata = ({ metadata }: Position): MergeState => {
  try {
    return Metadata.parse(JSON.parse(metadata))
  } catch (error) {
    throw new UnreadablePosition('the metadata of the committed position is not what this version writes', {
      cause: error,
    })
  }
}
