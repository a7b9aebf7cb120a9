import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Key } from '../api/kubernetes.ts'
import { fakeClock } from '../testing/clock.ts'
import { idOf, Queue } from './queue.ts'

const key = (id: string): Key => {
  const [namespace = '', name = ''] = id.split('/')
  return { namespace, name }
}

/** What the queue hands out now, in order, each pass ended at once. */
const drain = async (queue: Queue): Promise<string[]> => {
  const ids: string[] = []
  while (queue.depth > 0) {
    const next = await queue.next()
    if (!next) break
    ids.push(idOf(next))
    queue.done(next)
  }
  return ids
}

test('a key that is added again while it waits is handed out once', async () => {
  const queue = new Queue({ clock: fakeClock() })
  for (const id of ['a/x', 'a/y', 'a/x']) queue.add(key(id))
  assert.deepEqual(await drain(queue), ['a/x', 'a/y'])
})

test('a key that is added during its pass comes back after it, and not before', async () => {
  const queue = new Queue({ clock: fakeClock() })
  queue.add(key('a/x'))
  await queue.next()
  queue.add(key('a/x'))
  queue.add(key('a/x'))
  assert.equal(queue.depth, 0)
  queue.done(key('a/x'))
  assert.deepEqual(await drain(queue), ['a/x'])
})

test('namespaces take turns, so a crowd in one does not delay another', async () => {
  const queue = new Queue({ clock: fakeClock() })
  for (const id of ['big/1', 'big/2', 'big/3', 'small/1', 'other/1', 'other/2']) queue.add(key(id))
  assert.deepEqual(await drain(queue), ['big/1', 'small/1', 'other/1', 'big/2', 'other/2', 'big/3'])
})

test('of two delays of a key the earlier one wins, in either order', async () => {
  const clock = fakeClock()
  const queue = new Queue({ clock })
  queue.addAfter(key('a/x'), 100)
  queue.addAfter(key('a/x'), 40)
  queue.addAfter(key('a/y'), 40)
  queue.addAfter(key('a/y'), 100)
  await clock.advance(39)
  assert.equal(queue.depth, 0)
  await clock.advance(1)
  assert.deepEqual(await drain(queue), ['a/x', 'a/y'])
  await clock.advance(1000)
  assert.equal(queue.depth, 0)
})

test('many delays fall due in the order of their times', async () => {
  const clock = fakeClock()
  const queue = new Queue({ clock })
  const delays = Array.from({ length: 200 }, (_, i) => ((i * 7919) % 200) + 1)
  for (const ms of delays) queue.addAfter(key(`a/${ms}`), ms)
  await clock.advance(50)
  assert.deepEqual(
    await drain(queue),
    Array.from({ length: 50 }, (_, i) => `a/${i + 1}`),
  )
  assert.deepEqual(clock.pending, [1])
})

test('retries wait 5, 10, 20 ms and so on up to 5 minutes, and start over when the key is forgotten', async () => {
  const clock = fakeClock()
  const queue = new Queue({ clock })
  const waits: number[] = []
  for (let i = 0; i < 18; i++) {
    waits.push(queue.retry(key('a/x')))
    await clock.advance(waits.at(-1) ?? 0)
  }
  assert.deepEqual(waits.slice(0, 4), [5, 10, 20, 40])
  assert.deepEqual(waits.slice(-3), [163_840, 300_000, 300_000])
  assert.equal(queue.retry(key('a/y')), 5)
  queue.forget(key('a/x'))
  assert.equal(queue.retry(key('a/x')), 5)
})

test('the backoff grows with the time that a key fails, however many events bring it meanwhile', async () => {
  const clock = fakeClock()
  const queue = new Queue({ clock })
  const waits: number[] = []
  for (let ms = 0; ms < 2_000; ms++) {
    waits.push(queue.retry(key('a/x')))
    await clock.advance(1)
  }
  assert.deepEqual(waits.slice(0, 8), [5, 4, 3, 2, 1, 10, 9, 8])
  assert.equal(Math.max(...waits), 1_280)
  assert.equal(queue.failures(key('a/x')), 9)
})

test('a retry waits as long as the server asked when that is longer than the backoff', () => {
  const queue = new Queue({ clock: fakeClock() })
  assert.equal(queue.retry(key('a/x'), 2000), 2000)
  assert.equal(queue.failures(key('a/x')), 1)
})

test('what the server asked to be spared of is not added before its time, during its pass or after', async () => {
  const clock = fakeClock()
  const queue = new Queue({ clock })
  queue.add(key('a/x'))
  await queue.next()
  queue.add(key('a/x'))
  queue.retry(key('a/x'), 2000)
  queue.done(key('a/x'))
  queue.add(key('a/x'))
  queue.add(key('a/y'))
  assert.deepEqual(await drain(queue), ['a/y'])
  await clock.advance(1999)
  assert.equal(queue.depth, 0)
  await clock.advance(1)
  assert.deepEqual(await drain(queue), ['a/x'])
  queue.add(key('a/x'))
  assert.deepEqual(await drain(queue), ['a/x'])
})

test('who waits gets the key as soon as it is added', async () => {
  const queue = new Queue({ clock: fakeClock() })
  const waiting = queue.next()
  queue.add(key('a/x'))
  assert.deepEqual(await waiting, { namespace: 'a', name: 'x' })
})

test('closing releases who waits and leaves no timer', async () => {
  const clock = fakeClock()
  const queue = new Queue({ clock })
  queue.addAfter(key('a/x'), 10)
  const waiting = queue.next()
  queue.close()
  queue.add(key('a/y'))
  assert.equal(await waiting, undefined)
  assert.equal(await queue.next(), undefined)
  assert.deepEqual(clock.pending, [])
})

test('the observer sees depth, waiting and working times', async () => {
  const clock = fakeClock()
  const seen: string[] = []
  const observer = {
    added: () => seen.push('added'),
    depth: (keys: number) => seen.push(`depth ${keys}`),
    started: (waited: number) => seen.push(`waited ${waited}`),
    finished: (worked: number) => seen.push(`worked ${worked}`),
    retried: () => seen.push('retried'),
  }
  const queue = new Queue({ clock, observer })
  queue.add(key('a/x'))
  await clock.advance(3)
  await queue.next()
  await clock.advance(4)
  queue.done(key('a/x'))
  assert.deepEqual(seen, ['added', 'depth 1', 'depth 0', 'waited 3', 'worked 4'])
})
