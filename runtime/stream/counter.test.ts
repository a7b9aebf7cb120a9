import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Counter, type NumberedNames } from './counter.ts'

const numbered = (...texts: string[]) => ({ text: (number: number) => texts[number] ?? '' })
/** Counts the names of all rows of a column. */
const addAll = (counter: Counter, numbers: readonly number[], names: NumberedNames): void =>
  counter.addColumn(Int32Array.from(numbers), { from: 0, count: numbers.length }, names)

test('names are counted by their numbers, also when the numbers are given anew', () => {
  const counter = new Counter()
  addAll(counter, [0, 1, 0], numbered('/home', '/cart'))
  addAll(counter, [0, 0], numbered('/cart', '/home'))
  assert.deepEqual(counter.flat(), ['/home', 2, '/cart', 3])
})

test('names beyond the bound are counted together, by number and by text', () => {
  const counter = new Counter(1)
  addAll(counter, [0, 1, 1], numbered('/home', '/cart'))
  counter.add('/about')
  assert.deepEqual(counter.flat(), ['/home', 1])
  assert.equal(counter.others, 3)
})

test('a name that comes by number and by text is counted in one place, whichever was first', () => {
  const names = numbered('/home', '/cart')
  const counter = new Counter(2)
  addAll(counter, [0, 0], names)
  counter.add('/home')
  counter.add('/cart')
  addAll(counter, [1, 0], names)
  assert.deepEqual(counter.flat(), ['/home', 4, '/cart', 2])
  assert.equal(counter.overflow, false)
})

test('an emptied counter begins anew, with numbers as with texts', () => {
  const counter = new Counter(2)
  const names = numbered('/home', '/cart', '/about')
  addAll(counter, [0, 1, 2], names)
  counter.clear()
  addAll(counter, [2, 0, 2], names)
  assert.deepEqual(counter.flat(), ['/about', 2, '/home', 1])
  counter.add('/cart', 5)
  assert.equal(counter.others, 5)
  counter.clear()
  counter.add('/cart')
  addAll(counter, [1, 2], names)
  assert.deepEqual(counter.flat(), ['/cart', 2, '/about', 1])
})

test('the characters of all names are bounded', () => {
  const counter = new Counter()
  const names = numbered('a'.repeat(600_000), 'b'.repeat(600_000), 'c'.repeat(400_000))
  addAll(counter, [0, 1, 2], names)
  assert.deepEqual(
    counter.flat().map((entry) => String(entry).length),
    [600_000, 1, 400_000, 1],
  )
  assert.equal(counter.others, 1)
  counter.clear()
  addAll(counter, [1], names)
  assert.equal(counter.overflow, false)
})
