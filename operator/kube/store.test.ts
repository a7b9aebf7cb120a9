import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubernetesObject } from '../api/kubernetes.ts'
import { type Change, isNewer, Store } from './store.ts'

const object = (name: string, resourceVersion: string, uid = name): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: 'a', name, resourceVersion, uid },
})

const told = (changes: (Change | undefined)[]) =>
  changes.map((change) => change && `${change.type} ${change.object.metadata.name}`)

const held = (store: Store) =>
  store.list().map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`)

test('versions are compared as numbers, also beyond 2^53', () => {
  assert.equal(isNewer('10', '9'), true)
  assert.equal(isNewer('9', '10'), false)
  assert.equal(isNewer('9', '9'), false)
  assert.equal(isNewer('90071992547409931', '90071992547409930'), true)
})

test('a list replaces everything and tells what came, changed and went', () => {
  const store = new Store()
  store.replace([object('x', '1'), object('y', '2'), object('z', '3')], '5')
  const changes = store.replace([object('x', '1'), object('y', '7'), object('w', '8')], '9')
  assert.deepEqual(told(changes), ['deleted z', 'changed y', 'added w'])
  assert.deepEqual(held(store), ['x@1', 'y@7', 'w@8'])
})

test('a namesake with another uid is a deletion and an addition', () => {
  const store = new Store()
  store.replace([object('x', '1', 'old')], '5')
  assert.deepEqual(told(store.replace([object('x', '7', 'new')], '9')), ['deleted x', 'added x'])
})

test('events of the watch come, change and go', () => {
  const store = new Store()
  const changes = [
    store.see('ADDED', object('x', '1')),
    store.see('MODIFIED', object('x', '2')),
    store.see('DELETED', object('x', '3')),
    store.see('DELETED', object('x', '3')),
  ]
  assert.deepEqual(told(changes), ['added x', 'changed x', 'deleted x', undefined])
  assert.deepEqual(held(store), [])
})

test('what we wrote can be read at once, and an older event does not undo it', () => {
  const store = new Store()
  store.replace([object('x', '1')], '5')
  store.write(object('x', '8'))
  assert.deepEqual(held(store), ['x@8'])
  assert.equal(store.see('MODIFIED', object('x', '7')), undefined)
  assert.deepEqual(held(store), ['x@8'])
})

test('what we wrote is told once, by the write or by the watch, whichever comes first', () => {
  const store = new Store()
  store.replace([object('x', '1')], '5')
  assert.deepEqual(told(store.write(object('x', '8'))), ['changed x'])
  assert.deepEqual(told(store.write(object('y', '9'))), ['added y'])
  assert.equal(store.see('MODIFIED', object('x', '8')), undefined)
  assert.equal(store.see('ADDED', object('y', '9')), undefined)
  assert.deepEqual(told([store.see('MODIFIED', object('y', '10'))]), ['changed y'])
  assert.deepEqual(told([store.see('ADDED', object('z', '11'))]), ['added z'])
  assert.deepEqual(store.write(object('z', '11')), [])
  assert.deepEqual(told(store.write(object('z', '12', 'another'))), ['deleted z', 'added z'])
})

test('an answer that comes after the watch has shown the end of the object does not bring it back', () => {
  const store = new Store()
  store.replace([], '5')
  store.see('ADDED', object('x', '8'))
  store.see('DELETED', object('x', '9'))
  store.write(object('x', '8'))
  assert.deepEqual(held(store), [])
})

test('what we wrote after a list was made survives it, what we wrote before does not', () => {
  const store = new Store()
  store.replace([], '5')
  store.write(object('early', '7'))
  store.write(object('late', '12'))
  store.replace([], '10')
  assert.deepEqual(held(store), ['late@12'])
  store.see('DELETED', object('late', '13'))
  assert.deepEqual(held(store), [])
})

test('a list from a restored backup wins although its versions are lower', () => {
  const store = new Store()
  store.replace([object('x', '900')], '1000')
  store.replace([object('x', '80')], '100')
  assert.deepEqual(held(store), ['x@80'])
  assert.deepEqual(told([store.see('MODIFIED', object('x', '101'))]), ['changed x'])
})

test('objects can be listed by namespace', () => {
  const store = new Store()
  store.replace([object('x', '1')], '5')
  assert.equal(store.list('a').length, 1)
  assert.equal(store.list('b').length, 0)
})

test('what is never read is not kept, wherever it comes from, and what the watch reached counts all the same', () => {
  const store = new Store(({ metadata }) => metadata.name !== 'foreign')
  assert.deepEqual(told(store.replace([object('x', '1'), object('foreign', '2')], '5')), ['added x'])
  assert.equal(store.see('MODIFIED', object('foreign', '9')), undefined)
  assert.equal(store.see('DELETED', object('foreign', '10')), undefined)
  assert.deepEqual(held(store), ['x@1'])
  assert.deepEqual(store.write(object('x', '8')), []) // the watch is past it
})
