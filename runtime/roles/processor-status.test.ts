import assert from 'node:assert/strict'
import { test } from 'node:test'
import { processorHealth, processorReadiness, type ProcessorWork } from './processor-status.ts'

const work = (changes: Partial<ProcessorWork> = {}): ProcessorWork => ({
  counts: { leases: 0, commits: 0, panes: 0, events: 0, late: 0, invalid: 0, windows: 0, duplicatePanes: 0 },
  tasks: new Map(),
  merge: undefined,
  assigned: [],
  holds: () => [],
  partitions: () => 3,
  pumpTurnedAt: () => 1_000_000,
  ...changes,
})

const doing = (working: boolean, ok: boolean) => ({
  wake: () => undefined,
  stop: () => Promise.resolve(),
  working: () => working,
  health: () => ({ ok, why: 'task of partition 3' }),
})

test('a fetch that does not come back for more than a minute is a stall', () => {
  assert.equal(processorHealth(work(), 1_060_000).ok, true)
  assert.deepEqual(processorHealth(work(), 1_060_001), {
    ok: false,
    why: 'no fetch has come back for a minute',
  })
})

test('work that has stopped for good makes the pod unhealthy, and says which', () => {
  assert.deepEqual(
    processorHealth(work({ holds: () => [doing(true, true), doing(false, false)] }), 1_000_000),
    {
      ok: false,
      why: 'task of partition 3',
    },
  )
})

test('a pod is ready when the group has spoken and all its tasks have begun, also with none', () => {
  assert.equal(processorReadiness(work({ assigned: undefined })).ok, false)
  assert.equal(processorReadiness(work()).ok, true)
  assert.deepEqual(processorReadiness(work({ partitions: () => undefined })), {
    ok: false,
    why: 'waiting for the topic of the events',
  })
  const waiting = work({ assigned: [0, 1], holds: () => [doing(true, true), doing(false, true)] })
  assert.deepEqual(processorReadiness(waiting), { ok: false, why: '1 of 2 tasks have not begun' })
})
