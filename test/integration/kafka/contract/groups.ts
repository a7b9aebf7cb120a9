import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../../../dev/until.ts'
import type { Given } from './given.ts'

export function groups(given: Given): void {
  test('a group spreads the partitions over those who come, and back when they leave', async () => {
    const { log, topic } = await given(4)
    const sets: Record<string, number[][]> = { a: [], b: [] }
    const now = () => [sets['a']?.at(-1), sets['b']?.at(-1)]
    const join = (who: string) =>
      log.join({
        group: `${topic}-group`,
        topic,
        assigned: (partitions) => sets[who]?.push(partitions.toSorted((a, b) => a - b)),
      })
    const shows = (what: string, wanted: unknown) =>
      until(what, () => JSON.stringify(now()) === JSON.stringify(wanted))
    const a = await join('a')
    await shows('all with one member', [[0, 1, 2, 3], undefined])
    const b = await join('b')
    await until('both have two', () => now().every((set) => set?.length === 2))
    assert.deepEqual(new Set(now().flat()), new Set([0, 1, 2, 3]))
    await b.leave()
    await until('all with one member again', () => sets['a']?.at(-1)?.length === 4)
    await a.leave()
  })

  test('a member that the partitions do not suffice for is told that it has none', async () => {
    const { log, topic } = await given(1)
    const sets: number[][] = []
    const join = () =>
      log.join({ group: `${topic}-group`, topic, assigned: (partitions) => sets.push(partitions) })
    const [a, b] = [await join(), await join()]
    await until('a member with none', () => sets.some(({ length }) => length === 0))
    await Promise.all([a.leave(), b.leave()])
  })
}
