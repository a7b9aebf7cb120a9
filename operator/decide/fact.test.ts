import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fact, quoted } from './fact.ts'

test('a message is one line without control characters, of at most 4,096 characters as the API server counts them', () => {
  const said = (message: string): string => fact('True', 'Ready', message).message
  assert.equal(said('one\r\ntwo\u001b[31m '), String.raw`one two\u001b[31m`)
  assert.equal(said('😀'.repeat(4_096)), '😀'.repeat(4_096))
  assert.equal(said('😀'.repeat(4_097)), `${'😀'.repeat(4_095)}…`)
})

test('of the words of others 600 characters are repeated', () => {
  assert.equal(quoted('x'.repeat(600)), 'x'.repeat(600))
  assert.equal(quoted('x'.repeat(601)), `${'x'.repeat(599)}…`)
})
