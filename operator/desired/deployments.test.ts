import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pipeline } from '../testing/pipelines.ts'
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
