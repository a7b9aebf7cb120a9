import assert from 'node:assert/strict'
import { test } from 'node:test'
import { running } from './running.ts'
import { fakeClock } from './testing/clock.ts'

test('it is told when a term begins, and when its work has ended, also by an error', async () => {
  const told: (boolean | string)[] = []
  const terms = [Promise.resolve(), Promise.reject(new Error('lost'))]
  const { over } = running(
    {
      synced: () => true,
      whenSynced: Promise.resolve(),
      problems: () => [],
      healthy: () => true,
      async lead(work, signal) {
        await work(signal)
        await assert.rejects(work(signal), /lost/)
      },
      close: async () => void told.push('closed'),
    },
    {
      signal: new AbortController().signal,
      work: async () => {
        told.push('works')
        await terms.shift()
      },
      leads: (leads) => void told.push(leads),
    },
  )
  await over
  assert.deepEqual(told, [true, 'works', false, true, 'works', false, 'closed'])
})

test('the last work of a term is done when the signal has ended it, not when the lease was lost', async () => {
  const told: string[] = []
  const stop = new AbortController()
  const { over } = running(
    {
      synced: () => true,
      whenSynced: Promise.resolve(),
      problems: () => [],
      healthy: () => true,
      async lead(work, signal) {
        await work(signal)
        stop.abort()
        await work(signal)
      },
      close: async () => void told.push('closed'),
    },
    {
      signal: stop.signal,
      work: async () => void told.push('works'),
      farewell: async () => void told.push('farewell'),
    },
  )
  await over
  assert.deepEqual(told, ['works', 'works', 'farewell', 'closed'])
})

test('a pass that hangs does not keep the last work from being done', async () => {
  const told: string[] = []
  const stop = new AbortController()
  const clock = fakeClock()
  const pass = Promise.withResolvers<void>()
  const { over } = running(
    {
      synced: () => true,
      whenSynced: Promise.resolve(),
      problems: () => [],
      healthy: () => true,
      lead: (work, signal) => work(signal),
      close: async () => void told.push('closed'),
    },
    {
      signal: stop.signal,
      work: () => pass.promise,
      farewell: async () => void told.push('farewell'),
      clock,
    },
  )
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
