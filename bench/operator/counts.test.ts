import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allWritesIn, requestsIn, since, sumOf, total, writesIn } from './counts.ts'

const text = `# HELP apiserver_request_total Counter of apiserver requests
# TYPE apiserver_request_total counter
apiserver_request_total{code="200",resource="kafkatopics",subresource="",verb="APPLY"} 3
apiserver_request_total{code="201",resource="kafkatopics",subresource="",verb="APPLY"} 4
apiserver_request_total{code="200",resource="kafkatopics",subresource="status",verb="PATCH"} 7
apiserver_request_total{code="201",resource="events",subresource="",verb="POST"} 2
apiserver_request_total{code="200",resource="leases",subresource="",verb="PATCH"} 9
workqueue_depth 5
`

test('requests are added up by resource and verb, whatever was answered', () => {
  assert.deepEqual(requestsIn(text), {
    'kafkatopics APPLY': 7,
    'kafkatopics/status PATCH': 7,
    'events POST': 2,
    'leases PATCH': 9,
  })
})

test('the operator writes topics and events; a status of a topic is of another controller, a lease is no work', () => {
  assert.deepEqual(writesIn(requestsIn(text)), { 'kafkatopics APPLY': 7, 'events POST': 2 })
})

test('while nobody changes anything every write counts, except of leases', () => {
  const counts = {
    ...requestsIn(text),
    'clickstreampipelines PATCH': 1,
    'kafkatopics DELETE': 2,
    'services LIST': 4,
  }
  assert.deepEqual(allWritesIn(counts), {
    'kafkatopics APPLY': 7,
    'kafkatopics/status PATCH': 7,
    'events POST': 2,
    'clickstreampipelines PATCH': 1,
    'kafkatopics DELETE': 2,
  })
})

test('what did not grow was not asked for', () => {
  const later = since({ 'events POST': 2, 'services GET': 1 }, { 'events POST': 2, 'services GET': 4 })
  assert.deepEqual(later, { 'services GET': 3 })
  assert.equal(total(later), 3)
})

test('a metric without labels has its value', () => {
  assert.equal(sumOf(text, 'workqueue_depth'), 5)
})
