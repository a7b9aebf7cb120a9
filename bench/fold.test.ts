import assert from 'node:assert/strict'
import { test } from 'node:test'
import { corpus } from './corpus.ts'
import { foldCost } from './fold-cost.ts'

/** Wide gates: about a third and a tenth are measured, and a machine may be busy. */
test('an event costs the kernel less than two thirds of what it costs the fast scan, and a fourth of the exact one', () => {
  const [exact, fast, kernel] = foldCost(corpus(20_000), 5).map(({ folded }) => folded)
  assert.ok(exact !== undefined && fast !== undefined && kernel !== undefined)
  const told = `exact ${exact.toFixed()} ns, fast ${fast.toFixed()} ns, kernel ${kernel.toFixed()} ns`
  assert.ok(kernel < (2 * fast) / 3, told)
  assert.ok(kernel < exact / 4, told)
})
