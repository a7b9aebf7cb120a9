import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Lease, LogFault, type LogFaultReason } from './log.ts'
import { stablePosition, type Written } from './stable-position.ts'

const written: Written = [
  { topic: 'panes', partition: 2 },
  { topic: 'dlq', partition: 2 },
]

/** Reads a position that is refused for this reason; gives what was settled meanwhile. */
const settledAfter = async (reason: LogFaultReason) => {
  const settled: Parameters<Lease['settle']>[0][] = []
  const lease: Lease = {
    commit: () => Promise.reject(new Error('nothing is committed here')),
    settle: (hanging) => {
      settled.push(hanging)
      return Promise.resolve()
    },
  }
  const log = { position: () => Promise.reject(new LogFault('no position', { reason, retry: true })) }
  const reading = stablePosition(log, lease, { group: 'g', topic: 'events', partition: 2, written })
  await assert.rejects(reading, { reason })
  return settled
}

test('a position that is unstable under a lease is settled with all that its holder writes, and read again later', async () => {
  assert.deepEqual(await settledAfter('Unstable'), [{ group: 'g', partitions: written }])
})

test('other faults settle nothing', async () => {
  assert.deepEqual(await settledAfter('Unreachable'), [])
})
