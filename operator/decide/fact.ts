import type { Condition } from '../api/kubernetes.ts'
import { type Reason, reasons } from '../api/status.ts'

/** What one condition says now, before it is compared with what it said. */
export interface Fact {
  status: Condition['status']
  reason: Reason
  message: string
}

/** A fact; without a message of its own it has the reason's. */
export const fact = (status: Fact['status'], reason: Reason, message: string = reasons[reason]): Fact => ({
  status,
  reason,
  message,
})
