import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instance } from './instance.ts'

test('two instances share no name and no address', () => {
  const demo = Object.values(instance('demo'))
  const shared = Object.values(instance('test')).filter((value) => demo.includes(value))
  assert.deepEqual(shared, [])
})

test('an unknown instance is refused with the names there are', () => {
  assert.throws(() => instance('prod'), /there is no instance prod; the names are demo and test/)
})
