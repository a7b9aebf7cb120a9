import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pipelineObject } from '../testing/pipelines.ts'
import { parsePipeline } from './pipeline.ts'
import { exceeds } from './quantity.ts'

for (const [one, other] of [
  ['2', '1999m'],
  [1, '0.9'],
  ['1.005', '1004m'],
  ['1Gi', '1G'],
  ['1Ki', '1k'],
  ['1025Mi', '1Gi'],
  ['1T', '999G'],
  ['9007199254740993', '9007199254740992'],
] as const) {
  test(`${one} is more than ${other}`, () => {
    assert.equal(exceeds(one, other), true)
    assert.equal(exceeds(other, one), false)
  })
}

for (const [one, other] of [
  ['1005m', '1.005'],
  ['0.5Gi', '512Mi'],
  [3, '3.0'],
  ['lots', '1'],
  ['1', 'lots'],
  [undefined, '1'],
  ['1', undefined],
] as const) {
  test(`neither of ${one} and ${other} is more than the other`, () => {
    assert.equal(exceeds(one, other), false)
    assert.equal(exceeds(other, one), false)
  })
}

const faultsOf = (memory: string) => {
  const parsed = parsePipeline(pipelineObject({ consumer: { resources: { limits: { memory } } } }))
  return parsed.ok ? [] : parsed.faults
}

test('a quantity that the API server would keep as another one is refused by its field', () => {
  const fault =
    'spec.consumer.resources.limits.memory: must be a quantity below 1000000T, such as 500m or 256Mi'
  // It keeps 2⁶³ − 1 of the first ones, 1 of 10²¹, and rounds what is too fine.
  const others = ['8388608Ti', '9223372036854775807Ki', '9999999999Gi', `1${'0'.repeat(21)}`, '1000000000T']
  for (const memory of [...others, '9'.repeat(40), `0.${'0'.repeat(40)}1`])
    assert.deepEqual(faultsOf(memory), [fault])
})

test('a quantity of any size that nodes have is taken', () => {
  for (const memory of ['1.5Gi', '1048576Ki', '17179869184', '1099511627776000m', '16Ti', '999999T']) {
    assert.deepEqual(faultsOf(memory), [])
  }
})
