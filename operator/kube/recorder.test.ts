import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Happening } from '../decide/happenings.ts'
import { keptLogger } from '../testing/logger.ts'
import { pipelineObject } from '../testing/pipelines.ts'
import type { Request } from './client.ts'
import { refused } from './fault.ts'
import { EventRecorder } from './recorder.ts'

const ready: Happening = { type: 'Normal', reason: 'Ready', note: 'all is well' }
const minute = 60_000

/** A recorder whose requests are kept; `answer` may throw. */
const world = () => {
  const sent: (Request & { body: Record<string, unknown> })[] = []
  const dropped: string[] = []
  const { logger, lines } = keptLogger()
  let [elapsed, time] = [0, Date.parse('2026-01-31T12:00:00.120Z')]
  let answer = async (): Promise<unknown> => ({})
  const recorder = new EventRecorder({
    client: {
      request(request) {
        sent.push(request as never)
        return answer()
      },
    },
    controller: 'clickstream-operator',
    instance: 'pod-1',
    clock: { now: () => elapsed },
    wallClock: () => time,
    logger,
    dropped: (why) => void dropped.push(why),
  })
  const tell = async (happening: Happening = ready, metadata: object = {}) => {
    recorder.record(pipelineObject({}, metadata), happening)
    await recorder.idle()
  }
  return {
    sent,
    dropped,
    lines,
    recorder,
    tell,
    elapse(ms: number) {
      elapsed += ms
      time += ms
    },
    setBack: (ms: number) => void (time -= ms),
    answers: (given: () => Promise<unknown>) => void (answer = given),
  }
}
const absent = () => Promise.reject(refused({ request: 'PATCH', code: 404, body: '' }))

test('an event says who, what and when, to the microsecond', async () => {
  const { sent, tell } = world()
  await tell()
  const [{ method, path, body } = assert.fail()] = sent
  assert.deepEqual([method, path], ['POST', '/apis/events.k8s.io/v1/namespaces/shop/events'])
  const { metadata, ...rest } = body as { metadata: { name: string; namespace: string } }
  assert.match(metadata.name, /^clickstream\.[0-9a-f]{16}$/)
  assert.deepEqual(rest, {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    eventTime: '2026-01-31T12:00:00.120000Z',
    reportingController: 'clickstream-operator',
    reportingInstance: 'pod-1',
    action: 'Reconcile',
    type: 'Normal',
    reason: 'Ready',
    regarding: {
      apiVersion: 'clickstream.dev/v1alpha1',
      kind: 'ClickstreamPipeline',
      namespace: 'shop',
      name: 'clickstream',
      uid: 'uid-1',
    },
    note: 'all is well',
  })
})

test('the same again within six minutes is a series, later or about another it is a new event', async () => {
  const { sent, tell, elapse } = world()
  await tell()
  const { metadata } = sent[0]!.body as { metadata: { name: string } }
  elapse(6 * minute)
  await tell()
  elapse(6 * minute)
  await tell()
  assert.deepEqual(
    sent.slice(1).map(({ method, path, body }) => [method, path.split('/').at(-1), body]),
    [
      ['PATCH', metadata.name, { series: { count: 2, lastObservedTime: '2026-01-31T12:06:00.120000Z' } }],
      ['PATCH', metadata.name, { series: { count: 3, lastObservedTime: '2026-01-31T12:12:00.120000Z' } }],
    ],
  )
  await tell({ ...ready, note: 'something else' })
  await tell(ready, { uid: 'uid-2' })
  elapse(6 * minute + 1)
  await tell()
  assert.deepEqual(
    sent.slice(3).map(({ method }) => method),
    ['POST', 'POST', 'POST'],
  )
})

test('a series whose event is gone begins anew', async () => {
  const { sent, tell, answers } = world()
  await tell()
  answers(() => (sent.length === 2 ? absent() : Promise.resolve({})))
  await tell()
  await tell()
  assert.deepEqual(
    sent.map(({ method }) => method),
    ['POST', 'PATCH', 'POST', 'PATCH'],
  )
})

test('a pipeline with much to tell is cut short at 25, then has one in five minutes; others are not', async () => {
  const { sent, dropped, recorder, tell, elapse } = world()
  for (let n = 0; n < 100; n += 1) recorder.record(pipelineObject(), { ...ready, note: String(n) })
  await recorder.idle()
  assert.equal(sent.length, 25)
  assert.deepEqual(dropped, Array<string>(75).fill('burst'))
  await tell(ready, { uid: 'uid-2' })
  assert.equal(sent.length, 26)
  elapse(5 * minute)
  await tell({ ...ready, note: 'a' })
  await tell({ ...ready, note: 'b' })
  assert.equal(sent.length, 27)
})

test('a wall clock that was set back silences nobody, and neither lengthens a series nor ends one', async () => {
  const { sent, dropped, tell, elapse, setBack } = world()
  await tell()
  setBack(365 * 24 * 60 * minute)
  await tell()
  for (let n = 0; n < 30; n += 1) {
    elapse(7 * minute)
    await tell()
  }
  assert.deepEqual(dropped, [])
  assert.deepEqual(
    sent.map(({ method }) => method),
    ['POST', 'PATCH', ...Array<string>(30).fill('POST')],
  )
  assert.equal(sent[2]?.body['eventTime'], '2025-01-31T12:07:00.120000Z')
})

test('an API server that refuses or hangs keeps nobody from going on, and is told once', async () => {
  const { sent, dropped, lines, recorder, tell, answers } = world()
  answers(() => Promise.reject(refused({ request: 'POST', code: 403, body: '' })))
  await tell()
  await tell()
  assert.deepEqual(dropped, ['failed', 'failed'])
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['events cannot be written and are dropped'],
  )
  answers(() => new Promise(() => undefined))
  for (let n = 0; n < 5_000; n += 1) recorder.record(pipelineObject({}, { uid: `other-${n}` }), ready)
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(sent.length, 2 + 4)
  assert.deepEqual(dropped.slice(2), Array<string>(5_000 - 4 - 1_000).fill('full'))
})

test('one pipeline is told of event after event, others meanwhile', async () => {
  const { sent, recorder, answers } = world()
  const open: (() => void)[] = []
  answers(() => new Promise((resolve) => open.push(() => resolve({}))))
  const names = () =>
    sent.map(({ body }) => (body['regarding'] as { uid: string } | undefined)?.uid ?? 'series')
  for (const uid of ['one', 'one', 'two', 'three', 'four', 'five'])
    recorder.record(pipelineObject({}, { uid }), ready)
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(names(), ['one', 'two', 'three', 'four'])
  for (const answered of open.splice(0)) answered()
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(names().slice(4), ['series', 'five'])
  for (const answered of open) answered()
  await recorder.idle()
  assert.equal(sent.length, 6)
})

test('a note that is too long is cut at a whole character', async () => {
  const { sent, tell } = world()
  await tell({ ...ready, note: 'ä'.repeat(600) })
  const note = String(sent[0]?.body['note'])
  assert.equal(note, `${'ä'.repeat(510)}…`)
  assert.ok(Buffer.byteLength(note) <= 1_024)
})
