import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configChanges, isSameValue, parseConfig } from './config.ts'

test('values of spec.config become the strings that Kafka takes', () => {
  const cases: [unknown, string][] = [
    ['compact', 'compact'],
    ['', ''],
    [86_400_000, '86400000'],
    [-1, '-1'],
    [0.5, '0.5'],
    [true, 'true'],
    [false, 'false'],
    [['compact', 'delete'], 'compact,delete'],
    [[], ''],
    [9_007_199_254_740_991, '9007199254740991'],
    [JSON.parse('9223372036854775807'), '9223372036854775807'],
  ]
  for (const [value, text] of cases) {
    assert.deepEqual(parseConfig({ k: value }), { values: { k: text }, faults: {} }, JSON.stringify(value))
  }
})

test('a null is not set, and no spec.config is an empty one', () => {
  assert.deepEqual(parseConfig({ 'retention.ms': null }), { values: {}, faults: {} })
  assert.deepEqual(parseConfig(), { values: {}, faults: {} })
})

test('a value that is not text, a number, a boolean or a list is a fault of its key alone', () => {
  assert.deepEqual(parseConfig({ 'retention.ms': 1, 'cleanup.policy': { compact: true } }), {
    values: { 'retention.ms': '1' },
    faults: { 'cleanup.policy': `Invalid value for topic config 'cleanup.policy': {"compact":true}` },
  })
  assert.deepEqual(parseConfig({ k: [['a'], { b: 1 }] }).values, {})
})

test('an integer beyond 2⁵³ is a fault, not a guess', () => {
  assert.deepEqual(parseConfig({ 'retention.ms': JSON.parse('9007199254740993') }).faults, {
    'retention.ms':
      "Invalid value for topic config 'retention.ms': a number of this size loses digits on its way; write it in quotes",
  })
})

test('a wanted value and the one a broker gives back are the same when a broker parses them alike', () => {
  const same: [string, string][] = [
    ['delete', 'delete'],
    ['compact, delete', 'compact,delete'],
    [' 1000 ', '1000'],
    ['TRUE', 'true'],
    ['0.50', '0.5'],
    ['1', '1.0'],
    ['1e-2', '0.01'],
    ['+007', '7'],
    ['9223372036854775807', '9223372036854775807'],
  ]
  for (const [wanted, current] of same) assert.equal(isSameValue(wanted, current), true, wanted)
})

test('other values differ, and a value differs from none', () => {
  const different: [string, string | undefined][] = [
    ['delete', 'compact'],
    ['delete,compact', 'compact,delete'],
    ['1000', '1001'],
    ['9223372036854775807', '9223372036854775806'],
    ['true', 'false'],
    ['', undefined],
    ['', 'x'],
    ['Delete', 'delete'],
  ]
  for (const [wanted, current] of different) assert.equal(isSameValue(wanted, current), false, wanted)
})

test('changes set what differs and remove what the spec does not have', () => {
  const wanted = parseConfig({ 'retention.ms': 1000, 'cleanup.policy': 'compact' })
  const cases: [Record<string, string>, ReturnType<typeof configChanges>][] = [
    [{ 'retention.ms': '1000', 'cleanup.policy': 'compact' }, undefined],
    [{}, { set: { 'retention.ms': '1000', 'cleanup.policy': 'compact' }, unset: [] }],
    [
      { 'retention.ms': '5', 'cleanup.policy': 'compact' },
      { set: { 'retention.ms': '1000' }, unset: [] },
    ],
    [
      { 'retention.ms': '1000', 'cleanup.policy': 'compact', 'segment.ms': '7', 'flush.ms': '8' },
      { set: {}, unset: ['flush.ms', 'segment.ms'] },
    ],
  ]
  for (const [current, changes] of cases) assert.deepEqual(configChanges(wanted, current), changes)
})

test('a key with a fault is neither set nor removed', () => {
  assert.equal(configChanges(parseConfig({ 'segment.ms': {} }), { 'segment.ms': '7' }), undefined)
})
