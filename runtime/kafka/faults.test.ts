import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asFault, check, connectionFault, protocolErrors, protocolFault } from './faults.ts'

test('a fault says where, what, why, and the broker’s own words', () => {
  const fault = protocolFault(38, 'creating topic t', 'only 1 broker is registered')
  assert.equal(
    fault.message,
    'creating topic t: INVALID_REPLICATION_FACTOR (38): there are fewer brokers than replicas asked for (only 1 broker is registered)',
  )
  assert.equal(fault.reason, 'Refused')
  assert.equal(fault.retry, false)
})

test('the codes that the roles act on have their reasons', () => {
  const reasons = [1, 3, 6, 10, 2, 47, 90, 35, 29, 7, 88].map((code) => protocolFault(code, '').reason)
  assert.deepEqual(reasons, [
    'OffsetOutOfRange',
    'UnknownPartition',
    'NotLeader',
    'TooLarge',
    'Corrupt',
    'Fenced',
    'Fenced',
    'Unsupported',
    'Refused',
    'Unreachable',
    'Unstable',
  ])
})

test('each code has a name and a sentence of its own words', () => {
  for (const [code, [name, , , sentence]] of Object.entries(protocolErrors)) {
    assert.match(name, /^[A-Z_]+$/, code)
    assert.match(sentence, /^[a-z].{15,}[^.]$/, code)
  }
})

test('a code that nobody knows is refused, not retried', () => {
  const fault = protocolFault(9999, 'x')
  assert.equal(fault.reason, 'Refused')
  assert.equal(fault.retry, false)
})

test('code 0 is no fault', () => {
  check(0, 'x')
  assert.throws(() => check(1, 'x'), { reason: 'OffsetOutOfRange' })
})

test('no answer may be asked again, wrong credentials may not', () => {
  const refused = Object.assign(new Error('bad password'), { name: 'KafkaJSSASLAuthenticationError' })
  assert.deepEqual(
    [connectionFault(new Error('reset'), 'x'), connectionFault(refused, 'x')].map(({ reason, retry }) => [
      reason,
      retry,
    ]),
    [
      ['Unreachable', true],
      ['Refused', false],
    ],
  )
})

test('an answer that cannot be read is corrupt, and keeps its cause', () => {
  const cause = new RangeError('out of bounds')
  const fault = asFault(cause, 'reading t/0')
  assert.equal(fault.reason, 'Corrupt')
  assert.equal(fault.cause, cause)
})
