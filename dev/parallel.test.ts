import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'node:test'
import { inParallel } from './parallel.ts'

test('all items are worked on, never more at a time than asked for', async () => {
  const [done, most] = [[] as number[], { now: 0, ever: 0 }]
  await inParallel([1, 2, 3, 4, 5], 2, async (item) => {
    most.now += 1
    most.ever = Math.max(most.ever, most.now)
    await turn()
    most.now -= 1
    done.push(item)
  })
  assert.deepEqual(
    done.toSorted((a, b) => a - b),
    [1, 2, 3, 4, 5],
  )
  assert.equal(most.ever, 2)
})

test('all items are tried, and every failure is told', async () => {
  const tried: number[] = []
  const work = async (item: number) => {
    tried.push(item)
    if (item % 2 === 1) throw new Error(`${item} failed`)
  }
  await assert.rejects(inParallel([1, 2, 3], 1, work), { message: 'Error: 1 failed\nError: 3 failed' })
  assert.deepEqual(tried, [1, 2, 3])
  await assert.rejects(inParallel([2, 5], 1, work), { message: '5 failed' })
})
