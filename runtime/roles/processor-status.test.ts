import assert from 'node:assert/strict'
import { test } from 'node:test'
import { manualClock } from '../testing/clock.ts'
import { countLetters, noCounts, timed } from './counts.ts'
import { processorHealth, processorReadiness, type ProcessorWork } from './processor-status.ts'

const work = (changes: Partial<ProcessorWork> = {}): ProcessorWork => ({
  counts: noCounts(),
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

test('dead letters are counted by their reason, and transactions timed by how they ended', async () => {
  const counts = noCounts()
  countLetters(counts, [
    ['Late', 1],
    ['NotJson', 1],
  ])
  countLetters(counts, [['Late', 1]])
  assert.equal(counts.deadLetters['Late'], 2)
  assert.equal(counts.deadLetters['NotJson'], 1)
  assert.equal(counts.deadLetters['Empty'], 0)
  const clock = manualClock(0)
  const lasting = (ms: number, error?: Error) => async () => {
    await clock.advance(ms)
    if (error) throw error
  }
  await timed({ counts, clock }, 'task', lasting(2_000))
  await assert.rejects(timed({ counts, clock }, 'merge', lasting(500, new Error('fenced'))), /fenced/)
  const { values } = await counts.commitTime.get()
  const sums = values.filter(({ metricName }) => metricName?.endsWith('_sum'))
  assert.deepEqual(
    sums.map(({ labels, value }) => [labels, value]),
    [
      [{ work: 'task', outcome: 'committed' }, 2],
      [{ work: 'merge', outcome: 'failed' }, 0.5],
    ],
  )
})
