import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubernetesObject } from '../api/kubernetes.ts'
import type { Request } from './client.ts'
import { refused, StatusFault } from './fault.ts'
import { Writer } from './write.ts'

const target = { kind: 'KafkaTopic', version: 'v1', key: { namespace: 'shop', name: 'x' } } as const
const path = '/apis/kafka.strimzi.io/v1/namespaces/shop/kafkatopics/x'
const object = (resourceVersion: string, ...finalizers: string[]) => ({
  apiVersion: 'kafka.strimzi.io/v1',
  kind: 'KafkaTopic',
  metadata: { namespace: 'shop', name: 'x', uid: 'one', resourceVersion, finalizers },
})
const conflict = refused({ request: 'PATCH', code: 409, body: '{}' })

/** A writer whose answers are given in order; the requests are kept. */
const writer = (...answers: unknown[]) => {
  const requests: Request[] = []
  const request = async (asked: Request) => {
    requests.push(asked)
    const answer = answers.shift()
    if (answer instanceof Error) throw answer
    return answer
  }
  const client = { request, stream: () => assert.fail(), close: () => {} }
  return { requests, writer: new Writer(client, 'clickstream-topics') }
}

test('an apply is forced, under our field manager, and goes to the version of the object', async () => {
  const { requests, writer: one } = writer(object('5'), object('6'))
  const applied = { ...object('5'), kind: 'KafkaTopic' as const }
  await one.apply(applied)
  await one.apply(applied, 'status')
  const query = { force: 'true', fieldManager: 'clickstream-topics' }
  const contentType = 'application/apply-patch+yaml'
  assert.deepEqual(requests, [
    { method: 'PATCH', path, query, contentType, body: applied },
    { method: 'PATCH', path: `${path}/status`, query, contentType, body: applied },
  ])
})

test('without a uid an apply names the version of no object, so that it changes none; a status names its own', async () => {
  const { requests, writer: one } = writer(object('5'), object('6'))
  const { uid: _, ...metadata } = object('5').metadata
  const applied = { ...object('5'), kind: 'KafkaTopic' as const, metadata }
  await one.apply(applied)
  await one.apply(applied, 'status')
  const versions = requests.map(({ body }) => (body as KubernetesObject).metadata.resourceVersion)
  assert.deepEqual(versions, ['1', '5'])
})

test('what is there though it was to be made is a conflict that says so', async () => {
  const { uid: _, ...metadata } = object('5').metadata
  const { writer: one } = writer(conflict)
  await assert.rejects(one.apply({ ...object('5'), kind: 'KafkaTopic', metadata }), {
    reason: 'Conflict',
    retry: true,
    message: 'KafkaTopic shop/x was not seen yet and is there already: it is looked at first',
  })
})

test('a finalizer is taken off at the version just read, again after a conflict, and others stay', async () => {
  const { requests, writer: one } = writer(
    object('5', 'ours'),
    conflict,
    object('6', 'ours', 'new'),
    object('7', 'new'),
  )
  await one.removeFinalizer(target, { uid: 'one', name: 'ours' })
  assert.deepEqual(
    requests.filter(({ method }) => method === 'PATCH').map(({ body }) => body),
    [
      { metadata: { resourceVersion: '5', finalizers: [] } },
      { metadata: { resourceVersion: '6', finalizers: ['new'] } },
    ],
  )
})

test('conflicts without end are a fault', async () => {
  const answers = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? object('5', 'ours') : conflict))
  const { requests, writer: one } = writer(...answers)
  await assert.rejects(one.removeFinalizer(target, { uid: 'one', name: 'ours' }), StatusFault)
  assert.equal(requests.length, 10)
})

test('the finalizer of a namesake stays', async () => {
  const { requests, writer: one } = writer(object('5', 'ours'))
  await one.removeFinalizer(target, { uid: 'another', name: 'ours' })
  assert.deepEqual(
    requests.map(({ method }) => method),
    ['GET'],
  )
})
