import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextWindow, firstOrigin, type WindowSpec } from './window.ts'

/**
 * The windows of a drawing: each line `|---|` is one of them, in columns of a second from the epoch; `C` marks the
 * instant up to which windows are published, which is the origin too, and `x` in place of `|` says that it was cut.
 */
const drawn = (lines: string): { start: number; end: number; clipped: boolean }[] =>
  lines
    .split('\n')
    .filter((line) => line.includes('-'))
    .map((line) => {
      const start = line.search(/[|x]/)
      return { start: start * 1_000, end: line.lastIndexOf('|') * 1_000, clipped: line[start] === 'x' }
    })

const first = (spec: WindowSpec, at: { closedUpTo: number; origin: number }, count: number) => {
  const windows = []
  let closedUpTo = at.closedUpTo
  for (let index = 0; index < count; index += 1) {
    const window = nextWindow(spec, { closedUpTo, origin: at.origin })
    windows.push(window)
    closedUpTo = window.end
  }
  return windows
}

const seconds = (size: number, slide: number): WindowSpec => ({ size: size * 1_000, slide: slide * 1_000 })

test('tumbling windows follow one another, aligned to the epoch', () => {
  const windows = drawn(`
|----|
     |----|
          |----|`)
  assert.deepEqual(first(seconds(5, 5), { closedUpTo: 0, origin: 0 }, 3), windows)
})

test('a stream begins with the window of its first event', () => {
  const spec = seconds(5, 5)
  assert.equal(firstOrigin(spec, 7_000), 5_000)
  assert.deepEqual(first(spec, { closedUpTo: 5_000, origin: 5_000 }, 1), drawn('     |----|'))
})

test('a hopping stream begins with the first window that contains its first event', () => {
  //  first event at 7: windows of 6 by 2 that contain it start at 2, 4, 6
  const spec = seconds(6, 2)
  assert.equal(firstOrigin(spec, 7_000), 2_000)
  const windows = drawn(`
  |-----|
    |-----|
      |-----|
        |-----|`)
  assert.deepEqual(first(spec, { closedUpTo: 6_000, origin: 2_000 }, 4), windows)
})

test('after a change of size the first window is cut at the change and the next is whole', () => {
  //       C
  const windows = drawn(`
       x--|
          |---------|`)
  assert.deepEqual(first(seconds(10, 10), { closedUpTo: 7_000, origin: 7_000 }, 2), windows)
})

test('a change at an aligned instant cuts nothing', () => {
  assert.deepEqual(first(seconds(5, 5), { closedUpTo: 10_000, origin: 10_000 }, 1), drawn('          |----|'))
})

test('after a change to hopping windows one is cut at the change and those that began earlier are not made', () => {
  //       C
  const windows = drawn(`
       x----|
        |-----|
          |-----|`)
  assert.deepEqual(first(seconds(6, 2), { closedUpTo: 7_000, origin: 7_000 }, 3), windows)
})
