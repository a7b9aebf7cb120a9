import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused, unreachable } from './fault.ts'

const fault = (code: number, status: unknown, retryAfter?: string) =>
  refused({ request: 'PATCH /x', code, body: JSON.stringify(status), retryAfter })

test('the sentence of the API server is kept word for word, with what was asked', () => {
  const { message, reason, retry } = fault(422, { message: 'spec.rate: Invalid value: 0' })
  assert.equal(message, 'PATCH /x: 422: spec.rate: Invalid value: 0')
  assert.deepEqual([reason, retry], ['Invalid', false])
})

test('each answer has its reason, and says whether trying again can help', () => {
  const seen = [400, 401, 403, 404, 405, 409, 422, 429, 500, 503].map((code) => {
    const { reason, retry } = fault(code, {})
    return `${code} ${reason} ${retry}`
  })
  assert.deepEqual(seen, [
    '400 Invalid false',
    '401 Unavailable true',
    '403 Forbidden true',
    '404 NotFound false',
    '405 Refused false',
    '409 Conflict true',
    '422 Invalid false',
    '429 TooManyRequests true',
    '500 Unavailable true',
    '503 Unavailable true',
  ])
})

test('a namespace on its way out is told from a missing right', () => {
  const causes = [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }]
  const { reason, retry } = fault(403, { message: 'it is being terminated', details: { causes } })
  assert.deepEqual([reason, retry], ['NamespaceTerminating', false])
})

test('the uid of a predecessor is a conflict, not something invalid', () => {
  const causes = [{ reason: 'FieldValueInvalid', field: 'metadata.uid', message: 'field is immutable' }]
  assert.equal(fault(422, { details: { causes } }).reason, 'Conflict')
})

test('Retry-After counts from the header, else from the body', () => {
  assert.equal(fault(429, {}, '2').retryAfter, 2000)
  assert.equal(fault(429, { details: { retryAfterSeconds: 3 } }).retryAfter, 3000)
  assert.equal(fault(429, {}).retryAfter, undefined)
  assert.equal(fault(503, {}, 'Thu, 26 Nov 2026 12:00:00 GMT').retryAfter, undefined)
  assert.equal(fault(503, {}, '-1').retryAfter, undefined)
})

test('nobody is waited for longer than a minute', () => {
  assert.equal(fault(503, {}, '3600').retryAfter, 60_000)
  assert.equal(fault(503, { details: { retryAfterSeconds: 1e12 } }).retryAfter, 60_000)
})

test('an answer that is no Status is quoted', () => {
  const { message, reason } = refused({ request: 'GET /x', code: 502, body: '<h1>bad gateway</h1>' })
  assert.equal(message, 'GET /x: 502: <h1>bad gateway</h1>')
  assert.equal(reason, 'Unavailable')
})

test('no answer is a fault that can be tried again and keeps its cause', () => {
  const cause = new Error('read ECONNRESET')
  const { message, reason, retry, cause: kept } = unreachable('GET /x', cause)
  assert.equal(message, 'GET /x: the API server did not answer: read ECONNRESET')
  assert.deepEqual([reason, retry, kept], ['Unavailable', true, cause])
})
