import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reason } from '../api/status.ts'
import { bare, pipeline, saidOf, settled } from '../testing/pipelines.ts'
import { conditions, type Facts, invalidFacts } from './conditions.ts'
import { fact } from './fact.ts'
import { happenings } from './happenings.ts'
import type { Observed } from './observed.ts'

const clickstream = pipeline()
const of = (observed: Observed): Facts => saidOf(clickstream, observed)
const between = (before: Facts | undefined, now: Facts): string[] => {
  const at = { previous: [], generation: 1, now: '2026-01-31T12:00:00.000Z' }
  return happenings(before ? conditions(before, at) : [], now).map(
    ({ type, reason, note }) => `${type} ${reason}: ${note}`,
  )
}
const well = of(settled(clickstream))
const unready = (reason: Reason): Facts => ({ ...well, Ready: fact('False', reason, 'words') })

test('a pipeline that comes into being tells of its topics and of its readiness, once', () => {
  assert.deepEqual(between(undefined, of(bare())), [])
  assert.deepEqual(between(of(bare()), well), [
    'Normal TopicsReady: Kafka has every topic of the pipeline as this generation of the spec wants it.',
    'Normal Ready: Every topic is ready and every pod that shall run is available.',
  ])
  assert.deepEqual(between(well, well), [])
})

test('what an edit asks for is normal, what nobody asked for is a warning', () => {
  assert.deepEqual(between(well, unready('RollingOut')), ['Normal NotReady: RollingOut: words'])
  assert.deepEqual(between(well, unready('Unavailable')), ['Warning NotReady: Unavailable: words'])
  assert.deepEqual(between(unready('RollingOut'), unready('Unavailable')), [
    'Warning NotReady: Unavailable: words',
  ])
  assert.deepEqual(between(unready('RollingOut'), unready('RollingOut')), [])
})

test('what stalls a pipeline is told by its own reason, and again only when that changes', () => {
  const taken = settled(clickstream)
  taken.topics.events!.metadata.labels = {}
  const conflict = of(taken)
  const [told, ...more] = between(well, conflict)
  assert.match(told ?? '', /^Warning NameConflict: KafkaTopic clickstream-events exists and does not belong/)
  assert.deepEqual([more, between(conflict, conflict)], [[], []])
  const invalid = invalidFacts(['spec.kafka: Required'])
  assert.deepEqual(between(conflict, invalid), ['Warning InvalidSpec: spec.kafka: Required'])
})

test('suspension and resumption', () => {
  const suspended = { ...unready('Suspended'), Suspended: fact('True', 'Drained', 'words') }
  assert.deepEqual(between(unready('Suspending'), suspended), ['Normal Suspended: words'])
  assert.deepEqual(
    between(suspended, { ...unready('RollingOut'), Suspended: fact('False', 'NotSuspended') }),
    ['Normal Resumed: spec.suspend is false.'],
  )
})

test('data that stop to flow warn, also when nothing was known before; data that are not known say nothing', () => {
  const flows = { ...well, Flowing: fact('True', 'Flowing', 'words') }
  const behind = { ...well, Flowing: fact('False', 'Behind', 'words') }
  assert.deepEqual(between(flows, behind), ['Warning Behind: words'])
  assert.deepEqual(between(well, behind), ['Warning Behind: words'])
  assert.deepEqual(between(behind, flows), ['Normal Flowing: words'])
  assert.deepEqual([...between(flows, well), ...between(behind, well), ...between(well, flows)], [])
  const draining = { ...well, Flowing: fact('False', 'Draining', 'words') }
  assert.deepEqual([...between(flows, draining), ...between(draining, flows)], [])
  assert.deepEqual(between(draining, behind), ['Warning Behind: words'])
})
