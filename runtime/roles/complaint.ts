import { LogFault } from './log.ts'
import type { Logger } from './role.ts'

/** Warns of a trouble that is tried again and again: once for each kind, and anew after it was over. */
export interface Complaint {
  about(error: unknown): void
  over(): void
}

/** A fault of the log is told by its sentence; any other error is unexpected and told with its stack. */
const told = (error: unknown): { kind: string; fields: object } =>
  error instanceof LogFault
    ? { kind: error.reason, fields: { reason: error.reason, problem: error.message } }
    : { kind: String(error), fields: { err: error } }

export const complaint = (logger: Logger, message: string, context: object = {}): Complaint => {
  let last: string | undefined
  return {
    about(error) {
      const { kind, fields } = told(error)
      if (kind !== last) logger.warn({ ...context, ...fields }, message)
      last = kind
    },
    over() {
      last = undefined
    },
  }
}
