import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Condition } from '../api/kubernetes.ts'
import type { Flow } from '../api/status.ts'
import type { Summary } from '../../runtime/summary.ts'
import { pipeline, pipelineObject } from '../testing/pipelines.ts'
import { aReading, aSummary } from '../testing/summary.ts'
import { flowIsDue, flowStatus, type Seen } from './flow.ts'

/** Windows of 5 min with a grace of 10 s and 30 s of idleness: results are at most 370 s old. The pipeline is an hour old. */
const now = Date.parse('2026-01-31T13:00:00Z')
const { uniqueSessions: _1, exact: _2, clipped: _3, generation: _4, ...lastWindow } = aSummary().lastWindow!

const shown: Flow = {
  lastWindow,
  eventsPerSecond: 10,
  lag: 7,
  freshnessSeconds: 20,
  lateEvents: 2,
  invalidEvents: 1,
  observedAt: '2026-01-31T12:59:00.000Z',
}
const condition = (type: string, changes: Partial<Condition> = {}): Condition => ({
  type,
  status: 'True',
  reason: type,
  message: 'as it was',
  lastTransitionTime: '2026-01-31T12:00:00.000Z',
  ...changes,
})
const said = (
  seen: Seen,
  {
    spec = {},
    ...status
  }: { spec?: object; conditions?: Condition[]; flow?: object; suspension?: object } = {},
) =>
  flowStatus(
    pipeline(spec),
    { ...pipelineObject(spec), status: { observedGeneration: 1, ...status } },
    { seen, now },
  )
const flowing = (given: Partial<Summary>, conditions: Condition[] = []) => {
  const { status, reason } = said(aReading(now, given), { conditions }).flowing
  return `${status} ${reason}`
}
/** What is shown after a reading, `seconds` after the one that is shown. */
const after = (seconds: number, given: Partial<Summary>) => {
  const at = Date.parse(shown.observedAt!) + seconds * 1_000
  return said(aReading(at, given), { flow: shown }).flow
}

test('a reading is shown without what it does not know', () => {
  assert.deepEqual(said(aReading(now)).flow, { ...shown, observedAt: '2026-01-31T13:00:00.000Z' })
  assert.deepEqual(said(aReading(now, { lag: null, lateEvents: null, invalidEvents: null })).flow, {
    lastWindow,
    eventsPerSecond: 10,
    freshnessSeconds: 20,
    observedAt: '2026-01-31T13:00:00.000Z',
  })
  const nothing = { lastWindow: null, eventsPerSecond: null, freshnessSeconds: null }
  assert.equal(
    said(aReading(now, { ...nothing, lag: null, lateEvents: null, invalidEvents: null })).flow,
    undefined,
  )
})

test('a window that is as young as the spec allows flows, a second more does not', () => {
  assert.equal(flowing({ freshnessSeconds: 370 }), 'True Flowing')
  assert.equal(flowing({ freshnessSeconds: 371 }), 'False Behind')
})

test('windows that hop are as young as their slide, and an edit has the time of the window before it', () => {
  const hopping = { processor: { window: { size: '5m', slide: '1m' } } }
  const minute = { processor: { window: { size: '1m' } } }
  const status = (spec: object, freshnessSeconds: number) =>
    said(aReading(now, { freshnessSeconds }), { spec }).flowing.status
  assert.deepEqual([status(hopping, 130), status(hopping, 131)], ['True', 'False'])
  assert.deepEqual([status(minute, 370), status(minute, 371)], ['True', 'False'])
})

test('why no window comes: none ever did, no event comes, or events wait', () => {
  assert.equal(flowing({ lastWindow: null, freshnessSeconds: null }), 'False NoResults')
  assert.equal(flowing({ freshnessSeconds: 900, lag: 0 }), 'False NoEvents')
  assert.equal(flowing({ freshnessSeconds: 900, lag: null }), 'False Behind')
  assert.match(
    said(aReading(now, { freshnessSeconds: 900 })).flowing.message,
    /^the newest window ended at 2026-01-31T12:05:00\.000Z, and events wait: see kubectl logs -n shop deployment\/clickstream-processor$/,
  )
})

test('a pipeline that cannot have results yet is not judged, but one that had some since is, and one whose topics are lost', () => {
  const stale = { freshnessSeconds: 900 }
  const since = (lastTransitionTime: string) => [
    [condition('TopicsReady', { lastTransitionTime })],
    [condition('Suspended', { status: 'False', lastTransitionTime })],
  ]
  for (const conditions of since('2026-01-31T12:50:00.000Z')) {
    assert.equal(flowing(stale, conditions), 'Unknown NotObserved')
    assert.equal(flowing({ lastWindow: null, freshnessSeconds: null }, conditions), 'Unknown NotObserved')
    assert.equal(flowing({ freshnessSeconds: 20 }, conditions), 'True Flowing')
  }
  const bounds = { start: '2026-01-31T12:47:00.000Z', end: '2026-01-31T12:52:00.000Z' }
  const begun = { lastWindow: { ...aSummary().lastWindow!, ...bounds } }
  for (const conditions of since('2026-01-31T12:51:00.000Z')) {
    assert.equal(flowing({ ...begun, freshnessSeconds: 480 }, conditions), 'False Behind')
  }
  const lost = condition('TopicsReady', { status: 'False', lastTransitionTime: '2026-01-31T12:50:00.000Z' })
  assert.equal(flowing(stale, [lost]), 'False Behind')
})

test('processors that cannot go on have stopped, in the words of the consumer, unless they are at work all the same', () => {
  const halted = 'partition 3 of clickstream-events: the position 7 is not in the log. Delete the four topics'
  const available = (status: 'True' | 'False') => [condition('ProcessorAvailable', { status })]
  const { flowing } = said(aReading(now, { halted }), { conditions: available('False') })
  assert.deepEqual([flowing.status, flowing.reason, flowing.message], ['False', 'Halted', halted])
  assert.equal(said(aReading(now, { halted }), { conditions: available('True') }).flowing.reason, 'Flowing')
  const draining = said(aReading(now, { halted }), { spec: { suspend: true } })
  assert.equal(draining.flowing.reason, 'Halted')
})

test('without a consumer, or suspended, nothing is known and nothing is shown', () => {
  const suspension = { since: '2026-01-31T12:00:00.000Z', drained: true }
  for (const given of [{ spec: { suspend: true }, suspension }, { spec: { consumer: { replicas: 0 } } }]) {
    const { flowing, flow } = said(aReading(now), { flow: shown, ...given })
    assert.deepEqual([flowing.status, flowing.reason, flow], ['Unknown', 'NotObserved', undefined])
  }
  const { flowing, flow } = said('unreadable', { flow: shown })
  assert.deepEqual(
    [flowing.message, flow],
    ['the operator cannot read the Service clickstream-consumer.shop.svc', undefined],
  )
  const unserved = said('unserved', { flow: shown })
  assert.deepEqual(
    [unserved.flowing.message, unserved.flow],
    ['no pod of the consumer is ready: only a consumer tells of the data', undefined],
  )
})

test('a consumer that an autoscaler started from 0 is heard', () => {
  const spec = { consumer: { replicas: 0, autoscaled: true } }
  const { flowing, flow } = said(aReading(now), { spec })
  assert.deepEqual([flowing.status, flow?.lag], ['True', 7])
  assert.match(said('unreadable', { spec }).flowing.message, /^the operator cannot read the Service/)
})

test('while a suspended pipeline drains its data are told as they are, and no events are missed', () => {
  const draining = (given: Partial<Summary>) => {
    const { flowing, flow } = said(aReading(now, given), { spec: { suspend: true }, flow: shown })
    return `${flowing.status} ${flowing.reason} ${flow?.lag}`
  }
  assert.equal(draining({ lag: 3 }), 'True Flowing 3')
  assert.equal(draining({ lag: 3, freshnessSeconds: 371 }), 'False Draining 3')
  assert.equal(draining({ lag: 0, freshnessSeconds: 371 }), 'False Draining 0')
  assert.equal(said('unreadable', { spec: { suspend: true } }).flowing.reason, 'NotObserved')
})

test('an operator that has not asked yet leaves what the status says', () => {
  const conditions = [condition('Flowing', { status: 'False', reason: 'Behind' })]
  const { flowing, flow } = said(undefined, { conditions, flow: shown })
  assert.deepEqual([flowing.status, flowing.reason, flowing.message], ['False', 'Behind', 'as it was'])
  assert.deepEqual(flow, shown)
  assert.equal(said(undefined).flowing.status, 'Unknown')
})

test('a new window, a late event or something that became known is shown, but never within 15 s', () => {
  const next = { ...aSummary().lastWindow!, totalEvents: 3_001 }
  assert.equal(after(15, { lastWindow: next })?.lastWindow?.totalEvents, 3_001)
  assert.equal(after(15, { lateEvents: 3 })?.lateEvents, 3)
  assert.equal(after(15, { lag: null })?.lag, undefined)
  assert.deepEqual(after(14, { lastWindow: next, lateEvents: 3, lag: null }), shown)
})

test('data that stand still cause no write, however old they grow', () => {
  assert.deepEqual(after(3_600, { freshnessSeconds: 3_620 }), shown)
})

test('a lag that moves much is shown at once, one that moves little after half a minute', () => {
  assert.equal(after(15, { lag: 115 })?.lag, 115)
  assert.equal(after(15, { lag: 114 })?.lag, 7)
  assert.equal(after(29, { lag: 0 })?.lag, 7)
  assert.equal(after(30, { lag: 0 })?.lag, 0)
})

test('a clock that was set back silences nothing', () => {
  assert.equal(after(-3_600, { lag: 0 })?.lag, 0)
})

test('a pass is due when the status would say something else', () => {
  const object = (status: object) => ({ ...pipelineObject(), status: { observedGeneration: 1, ...status } })
  const conditions = [
    condition('Flowing', { message: said(aReading(now)).flowing.message, reason: 'Flowing' }),
  ]
  const settled = object({ conditions, flow: shown })
  assert.equal(flowIsDue(settled, { seen: aReading(now), now }), false)
  assert.equal(flowIsDue(settled, { seen: aReading(now, { lateEvents: 9 }), now }), true)
  assert.equal(flowIsDue(settled, { seen: aReading(now, { freshnessSeconds: 900 }), now }), true)
  assert.equal(flowIsDue(settled, { seen: 'unreadable', now }), true)
  assert.equal(flowIsDue({ ...settled, spec: {} }, { seen: 'unreadable', now }), false)
  const draining = object({ conditions, flow: shown, suspension: { since: '2026-01-31T12:00:00.000Z' } })
  assert.equal(flowIsDue(draining, { seen: aReading(now), now }), true)
})
