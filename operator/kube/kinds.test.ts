import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectionPath, kinds, objectPath, ownRules, rules } from './kinds.ts'

test('no app has a right on Secrets, pods, roles, nodes, or by a wildcard', () => {
  for (const { resources, verbs, apiGroups } of [...rules('operator'), ...rules('topics')]) {
    assert.doesNotMatch(resources.join(), /secrets|pods|roles|nodes|\*/)
    assert.doesNotMatch([...verbs, ...apiGroups].join(), /\*/)
  }
})

test('the topic controller may write no topic but its finalizer and its status', () => {
  assert.deepEqual(rules('topics'), [
    { apiGroups: ['kafka.strimzi.io'], resources: ['kafkatopics'], verbs: ['get', 'list', 'watch', 'patch'] },
    { apiGroups: ['kafka.strimzi.io'], resources: ['kafkatopics/status'], verbs: ['patch'] },
  ])
})

test('each right says why it is needed', () => {
  for (const { grants } of Object.values(kinds)) {
    for (const { why } of grants) assert.ok(why.length > 10)
  }
})

test('paths of the core group and of the others', () => {
  assert.equal(collectionPath('Service', { version: 'v1', namespace: 'a' }), '/api/v1/namespaces/a/services')
  assert.equal(
    collectionPath('Deployment', { version: 'v1', namespace: undefined }),
    '/apis/apps/v1/deployments',
  )
  assert.equal(
    objectPath('KafkaTopic', 'v1beta2', { namespace: 'a', name: 'x' }),
    '/apis/kafka.strimzi.io/v1beta2/namespaces/a/kafkatopics/x',
  )
})

test('of leases an app may read and write its own alone, where it runs itself', () => {
  assert.deepEqual(ownRules('topics'), [
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
    {
      apiGroups: ['coordination.k8s.io'],
      resources: ['leases'],
      resourceNames: ['clickstream-topics'],
      verbs: ['get', 'patch'],
    },
  ])
  assert.ok(rules('topics').every(({ resources }) => !resources.includes('leases')))
})
