import type { Message, Position } from '../roles/log.ts'
import type { Letters } from './dead-letter.ts'

/** One transaction of a task, all of it for partition n of each topic. */
export interface TaskCommit {
  /** For `<p>-panes`: the partials of the closed panes, then the marker. */
  panes: Message[]
  /** For `<p>-dlq`; valid until the next commit. */
  deadLetters: Letters
  /** Of the events. */
  position: Position
  /** What it counts: closed panes, the events in them, and what became dead letters. */
  counted: { panes: number; events: number; late: number; invalid: number }
}

/** Numbers since the partition was first read: `offsets = events + open + late + invalid + gaps`. */
export interface TaskTotals {
  offsets: number
  events: number
  open: number
  late: number
  invalid: number
  gaps: number
}
