import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linesOf, parseEvent, parsePage } from './events.ts'

const service = { apiVersion: 'v1', kind: 'Service' }

async function* pieces(...texts: string[]) {
  yield* texts
}

const gather = async (lines: AsyncIterable<string>) => {
  const all: string[] = []
  for await (const line of lines) all.push(line)
  return all
}

test('lines are whole however the text is cut, and a line without an end is dropped', async () => {
  assert.deepEqual(await gather(linesOf(pieces('on', 'e\ntw', 'o\n\nthree\n', 'fo'))), [
    'one',
    'two',
    'three',
  ])
})

test('an object loses managedFields and has its type', () => {
  const line = '{"type":"ADDED","object":{"metadata":{"name":"x","managedFields":[{}]},"spec":{"a":1}}}'
  assert.deepEqual(parseEvent(line, service), {
    type: 'ADDED',
    object: { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec: { a: 1 } },
  })
})

test('a bookmark is a version', () => {
  const line = '{"type":"BOOKMARK","object":{"kind":"Service","metadata":{"resourceVersion":"12"}}}'
  assert.deepEqual(parseEvent(line, service), { type: 'BOOKMARK', version: '12' })
})

test('an error event is a fault with the code of its Status', () => {
  const line = '{"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old resource version"}}'
  const event = parseEvent(line, service)
  assert.equal(event.type === 'ERROR' && event.fault.code, 410)
  assert.match(event.type === 'ERROR' ? event.fault.message : '', /too old resource version/)
})

test('what is no event, no object or no list is refused', () => {
  assert.throws(() => parseEvent('{"type":', service), SyntaxError)
  assert.throws(() => parseEvent('{"type":"NEWS","object":{}}', service), TypeError)
  assert.throws(() => parseEvent('{"type":"ADDED","object":{}}', service), TypeError)
  assert.throws(() => parseEvent('{"type":"ADDED"}', service), TypeError)
  assert.throws(() => parsePage({ kind: 'Status' }, service), TypeError)
})

test('a page has its objects, its version and the way to the next', () => {
  const metadata = { resourceVersion: '7', continue: 'abc' }
  assert.deepEqual(parsePage({ metadata, items: [{ metadata: { name: 'x' } }] }, service), {
    objects: [{ ...service, metadata: { name: 'x' } }],
    version: '7',
    continue: 'abc',
  })
  assert.deepEqual(parsePage({ metadata: { resourceVersion: '7', continue: '' }, items: [] }, service), {
    objects: [],
    version: '7',
  })
})
