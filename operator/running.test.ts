import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConnectedCluster } from './kube/cluster.ts'
import { running, type RunningOptions } from './running.ts'
import { fakeClock } from './testing/clock.ts'

/** Works at a cluster with these terms; gives what was told, and the end. */
const worked = (
  lead: ConnectedCluster['lead'],
  { told, ...options }: Omit<RunningOptions, 'signal'> & { told: unknown[]; signal?: AbortSignal },
): Promise<void> => {
  const cluster = {
    synced: () => true,
    whenSynced: Promise.resolve(),
    problems: () => [],
    healthy: () => true,
    lead,
    close: async () => void told.push('closed'),
  }
  return running(cluster, { signal: new AbortController().signal, ...options }).over
}

test('it is told when a term begins, and when its work has ended, also by an error', async () => {
  const told: (boolean | string)[] = []
  const terms = [Promise.resolve(), Promise.reject(new Error('lost'))]
  await worked(
    async (work, signal) => {
      await work(signal)
      await assert.rejects(work(signal), /lost/)
    },
    {
      told,
      work: async () => {
        told.push('works')
        await terms.shift()
      },
      leads: (leads) => void told.push(leads),
    },
  )
  assert.deepEqual(told, [true, 'works', false, true, 'works', false, 'closed'])
})

test('the last work of a term is done when the signal has ended it, not when the lease was lost', async () => {
  const told: string[] = []
  const stop = new AbortController()
  await worked(
    async (work, signal) => {
      await work(signal)
      stop.abort()
      await work(signal)
    },
    {
      told,
      signal: stop.signal,
      work: async () => void told.push('works'),
      farewell: async () => void told.push('farewell'),
    },
  )
  assert.deepEqual(told, ['works', 'works', 'farewell', 'closed'])
})

test('a pass that hangs does not keep the last work from being done', async () => {
  const told: string[] = []
  const stop = new AbortController()
  const clock = fakeClock()
  const pass = Promise.withResolvers<void>()
  const over = worked((work, signal) => work(signal), {
    told,
    signal: stop.signal,
    work: () => pass.promise,
    farewell: async () => void told.push('farewell'),
    clock,
  })
  await clock.advance(10_000)
  assert.deepEqual(told, [])
  stop.abort()
  await clock.advance(3_999)
  assert.deepEqual(told, [])
  await clock.advance(1)
  assert.deepEqual(told, ['farewell'])
  pass.resolve()
  await over
  assert.deepEqual(told, ['farewell', 'closed'])
})
