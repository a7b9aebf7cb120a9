import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { assignment } from './assignment.ts'

/** An assignment whose work ends when the test says so; it remembers what happened. */
const setUp = () => {
  const happened: string[] = []
  const ends = new Map<number, () => void>()
  const ours = assignment((partition) => {
    happened.push(`begin ${partition}`)
    return [
      {
        wake: () => happened.push(`wake ${partition}`),
        stop: () => {
          happened.push(`stop ${partition}`)
          return new Promise((resolve) => ends.set(partition, resolve))
        },
        working: () => true,
        health: () => ({ ok: true, why: '' }),
      },
    ]
  })
  const end = async (partition: number): Promise<void> => {
    ends.get(partition)?.()
    await turn()
  }
  return { ours, happened, end }
}

test('work begins and ends as partitions come and go; what stays goes on and is woken', () => {
  const { ours, happened } = setUp()
  ours.follow([0, 1])
  ours.follow([1, 2])
  assert.deepEqual(happened, ['begin 0', 'begin 1', 'wake 0', 'wake 1', 'stop 0', 'begin 2'])
})

test('a partition that comes back while its work ends is begun again only after the end', async () => {
  const { ours, happened, end } = setUp()
  ours.follow([0])
  ours.follow([])
  ours.follow([0])
  assert.deepEqual(
    happened.filter((each) => !each.startsWith('wake')),
    ['begin 0', 'stop 0'],
  )
  await end(0)
  assert.deepEqual(happened.at(-1), 'begin 0')
})

test('the end of all waits for the end of each', async () => {
  const { ours, end } = setUp()
  ours.follow([0, 1])
  let ended = false
  void ours.end().then(() => (ended = true))
  await end(0)
  assert.equal(ended, false)
  await end(1)
  assert.equal(ended, true)
  assert.deepEqual(ours.holds(), [])
})
