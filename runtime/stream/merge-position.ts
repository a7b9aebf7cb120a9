import * as z from 'zod'
import type { Position } from '../roles/log.ts'
import { UnreadablePosition } from './task-position.ts'

/** Which spec a window comes from. A pipeline that is deleted and made again counts its generations anew. */
export interface Edition {
  /** When the pipeline was created, milliseconds since the epoch. */
  created: number
  generation: number
}

/** Whether `a` is the newer spec. */
export const isNewer = (a: Edition, b: Edition): boolean =>
  a.created > b.created || (a.created === b.created && a.generation > b.generation)

/** Up to where windows are published, by which rule, and by which spec of the pipeline. */
export interface Published extends Edition {
  /** End of the last published window, in milliseconds since the epoch. */
  closedUpTo: number
  /** No window reaches back over it; see nextWindow. May lie before the epoch. */
  origin: number
  size: number
  slide: number
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
  created: whole,
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
