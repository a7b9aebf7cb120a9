/** Panes are closed after at most this time, in milliseconds, when there are any to close. */
const closeEvery = 1_000
/** And when there are so few events that the transactions would cost more than all else. */
const closeFewEvery = 5_000
const fewEvents = 10
/** Something is written after at most this time: a holder that lost its lease learns it then. */
const markEvery = 10_000
/** Panes to close, and bytes of dead letters, from which on the task does not wait. */
const manyPanes = 32
const manyBytes = 4_194_304

/** What a task has that is not written. */
export interface Unwritten {
  /** Milliseconds since the last commit. */
  waited: number
  /** Whether a window has ended that can be published now, as nothing is left to read. */
  endsWindow: boolean
  /** Panes that can be closed, and the events in them. */
  panes: number
  events: number
  /** Dead letters, and their bytes. */
  letters: number
  bytes: number
}

/** Whether it is time for a commit. */
export const isDue = ({ waited, endsWindow, panes, events, letters, bytes }: Unwritten): boolean => {
  if (waited >= markEvery || bytes >= manyBytes || endsWindow) return true
  if (panes === 0 && letters === 0) return false
  return panes >= manyPanes || waited >= (events + letters < fewEvents ? closeFewEvery : closeEvery)
}
