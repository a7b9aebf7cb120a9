import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Counter } from './counter.ts'

const numbered = (...texts: string[]) => ({ text: (number: number) => texts[number] ?? '' })
const column = (...numbers: number[]) => ({
  words: Int32Array.from(numbers),
  first: 0,
  end: numbers.length,
  step: 1,
})

test('names are counted by their numbers, also when the numbers are given anew', () => {
  const counter = new Counter()
  counter.addColumn(column(0, 1, 0), 0, numbered('/home', '/cart'))
  counter.addColumn(column(0, 0), 0, numbered('/cart', '/home'))
  assert.deepEqual(counter.flat(), ['/home', 2, '/cart', 3])
})

test('names beyond the bound are counted together, by number and by text', () => {
  const counter = new Counter(1)
  counter.addColumn(column(0, 1, 1), 0, numbered('/home', '/cart'))
  counter.add('/about')
  assert.deepEqual(counter.flat(), ['/home', 1])
  assert.equal(counter.others, 3)
})
