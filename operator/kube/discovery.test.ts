import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeClock } from '../testing/clock.ts'
import { keptLogger } from '../testing/logger.ts'
import type { Request } from './client.ts'
import { watchTopicVersion } from './discovery.ts'
import { refused } from './fault.ts'

/** Answers discovery; `served` says which resources each version has. */
const discovering = (served: Record<string, string[]> = {}) => {
  const state = { down: false }
  const clock = fakeClock()
  const stop = new AbortController()
  const found: (string | undefined)[] = []
  const problems: (string | undefined)[] = []
  const { logger, lines } = keptLogger()
  const request = async ({ method, path }: Request) => {
    const names = served[path.split('/').at(-1) ?? '']
    if (state.down) throw refused({ request: `${method} ${path}`, code: 503, body: 'down' })
    if (!names) throw refused({ request: `${method} ${path}`, code: 404, body: 'not found' })
    return { resources: names.map((name) => ({ name })) }
  }
  const over = watchTopicVersion({
    client: { request },
    clock,
    logger,
    signal: stop.signal,
    found: async (version) => void found.push(version),
    problem: (text) => problems.push(text),
  })
  return { served, state, clock, found, problems, lines, stop, over }
}

test("v1 is preferred, v1beta2 is next, and Strimzi's other kinds do not count", async () => {
  const { served, clock, found, stop, over } = discovering()
  served['v1'] = ['kafkas', 'kafkausers']
  await clock.advance(9_999)
  assert.deepEqual(found, [undefined])
  served['v1beta2'] = ['kafkatopics', 'kafkatopics/status']
  await clock.advance(1)
  assert.deepEqual(found, [undefined, 'v1beta2'])
  served['v1'].push('kafkatopics')
  await clock.advance(29_999)
  assert.equal(found.length, 2)
  await clock.advance(1)
  assert.deepEqual(found, [undefined, 'v1beta2', 'v1'])
  stop.abort()
  await over
  assert.deepEqual(clock.pending, [])
})

test('an API server that does not tell changes nothing, is a problem, and is logged once', async () => {
  const { state, clock, found, problems, lines } = discovering({ v1: ['kafkatopics'] })
  await clock.advance(10_000)
  state.down = true
  await clock.advance(60_000)
  assert.deepEqual(found, ['v1'])
  assert.match(problems.at(-1) ?? '', /^cannot ask which version of KafkaTopic is served.*503: down/)
  assert.equal(lines.filter(({ level }) => level === 40).length, 1)
  state.down = false
  await clock.advance(30_000)
  assert.equal(problems.at(-1), undefined)
})
