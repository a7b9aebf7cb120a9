import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mutated, mutations } from './mutant.ts'

test('every mutant can be made of the engine as it is', () => {
  for (const mutation of mutations) assert.equal(mutated(mutation).length, mutation.changes.length)
})
