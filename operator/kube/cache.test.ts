import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubernetesObject } from '../api/kubernetes.ts'
import { fakeClock } from '../testing/clock.ts'
import { keptLogger } from '../testing/logger.ts'
import { drivenSource, service } from '../testing/source.ts'
import { KindCache } from './cache.ts'

/** A cache of Services that lists `names` and then watches what the test sends. */
const caching = async (names: string[], onChange: (line: string) => void) => {
  const { source, latest } = drivenSource()
  const clock = fakeClock()
  const { logger, lines } = keptLogger()
  const cache = new KindCache({
    kind: 'Service',
    client: {
      request: async () => ({
        metadata: { resourceVersion: '5' },
        items: names.map((name) => service(name, '1')),
      }),
      stream: ({ query = {}, signal = new AbortController().signal }) => source.watch(query, signal),
      close() {},
    },
    namespace: 'a',
    onChange: (kind, { metadata }, type) => onChange(`${type} ${kind} ${metadata.name}`),
    clock,
    logger,
  })
  await cache.serve('v1')
  await clock.settle()
  const send = async (type: string, object: KubernetesObject) => {
    latest().send({ type, object })
    await clock.settle()
  }
  return { cache, lines, send }
}

test('an object that we made is told as added, once, though the watch shows it after our own answer', async () => {
  const changes: string[] = []
  const { cache, send } = await caching([], (line) => changes.push(line))
  cache.wrote(service('x', '8'))
  assert.deepEqual(changes, ['added Service x'])
  await send('ADDED', service('x', '8'))
  await send('MODIFIED', service('x', '9'))
  assert.deepEqual(changes, ['added Service x', 'changed Service x'])
  await cache.stop()
})

test('a handler that throws is logged and stops nothing', async () => {
  const changes: string[] = []
  const { cache, lines, send } = await caching(['x'], (line) => {
    changes.push(line)
    throw new Error('handler')
  })
  await send('ADDED', service('y', '8'))
  cache.wrote(service('z', '9'))
  await cache.serve(undefined)
  assert.deepEqual(changes, [
    'added Service x',
    'added Service y',
    'added Service z',
    'deleted Service x',
    'deleted Service y',
    'deleted Service z',
  ])
  assert.deepEqual(cache.store.list(), [])
  assert.equal(lines.filter(({ msg }) => msg === 'a handler of changes threw').length, 6)
})
