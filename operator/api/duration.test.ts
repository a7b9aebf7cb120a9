import assert from 'node:assert/strict'
import { test } from 'node:test'
import { durationText, milliseconds } from './duration.ts'

for (const [text, expected] of [
  ['1s', 1_000],
  ['90s', 90_000],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['1h0m1s', 3_601_000],
  ['0s', 0],
] as const) {
  test(`${text} is ${expected} ms`, () => assert.equal(milliseconds(text), expected))
}

for (const text of ['', '5', '500ms', '1.5h', '-5m', '5 m', '1m1h', '1d', '５m', '1234567s', '5m\n']) {
  test(`${JSON.stringify(text)} is no duration`, () => assert.equal(milliseconds(text), undefined))
}

for (const [ms, expected] of [
  [90_000, '1m30s'],
  [43_200_000, '12h'],
  [3_601_000, '1h1s'],
  [999, '0s'],
] as const) {
  test(`${ms} ms is written ${expected}`, () => assert.equal(durationText(ms), expected))
}
