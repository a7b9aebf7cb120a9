import assert from 'node:assert/strict'
import { type Lease, type Log, LogFault, type LogFaultReason } from '../../../../runtime/roles/log.ts'
import { text } from '../reading.ts'

/** A log, and a topic of its own for each test. */
export type Given = (partitions?: number) => Promise<{ log: Log; topic: string }>

/**
 * For a lease that is waited for as long as it takes. A commit may show itself to readers a little later than to the
 * one who made it: a lease waits for that.
 */
export const never = new AbortController().signal

/** For `assert.rejects`: the fault has this reason, and says this of trying again. */
export const refusal = (reason: LogFaultReason, retry: boolean) => (error: unknown) => {
  assert.ok(error instanceof LogFault)
  assert.deepEqual([error.reason, error.retry], [reason, retry], error.message)
  return true
}

export const commit = (
  lease: Lease,
  { topic, value, offset }: { topic: string; value: string; offset: number },
) =>
  lease.commit({
    appends: [{ topic, partition: 0, messages: [text(value)] }],
    group: `${topic}-group`,
    positions: [{ topic, partition: 0, offset, metadata: '' }],
  })
