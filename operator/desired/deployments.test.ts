import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pipeline, wanted } from '../testing/pipelines.ts'
import { windowGeneration } from './deployments.ts'

test('a window has the generation that set it, when that is one that this pipeline can have had', () => {
  const given = pipeline({}, { generation: 4 })
  const known = (generation: number, size = '5m') =>
    windowGeneration(given, { processor: undefined, known: { size, slide: size, generation } })
  assert.equal(known(2), 2)
  assert.equal(known(2, '300s'), 2)
  assert.equal(known(2, '1m'), 4)
  // Of a pipeline of this name before, as after a restore from a backup.
  assert.equal(known(5), 4)
  assert.equal(known(0), 4)
  assert.equal(windowGeneration(given, { processor: undefined, known: undefined }), 4)
})

test('of two generations of one window the greater counts, and a window that only the status has is set anew', () => {
  const given = pipeline({}, { generation: 4 })
  const generation = (live: { generation: number; size?: string }, known: number) => {
    const window = { size: live.size ?? '5m' }
    const before = pipeline({ processor: { window } }, { generation: live.generation })
    const { processor } = wanted(before).deployments
    return windowGeneration(given, { processor, known: { size: '5m', slide: '5m', generation: known } })
  }
  // Put back by kubectl rollout undo.
  assert.equal(generation({ generation: 1 }, 3), 3)
  // Applied by a pass that could not write the status.
  assert.equal(generation({ generation: 3 }, 1), 3)
  assert.equal(generation({ generation: 9 }, 3), 3)
  assert.equal(generation({ generation: 1, size: '1m' }, 3), 4)
})
