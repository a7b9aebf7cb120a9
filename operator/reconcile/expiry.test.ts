import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Seen } from '../decide/flow.ts'
import { aReading, aSummary } from '../testing/summary.ts'
import { ready, satisfyDeployments, says } from '../testing/world.ts'

/** What is said of data that expire while nobody knows how many wait. */

const second = 1_000

test('a pipeline that was scaled to zero with events that wait is drained, and says that nobody knows how many wait', async () => {
  const none = Object.fromEntries(
    ['producer', 'processor', 'consumer'].map((role) => [role, { replicas: 0 }]),
  )
  const { cluster, put, pass, see, elapse, told } = await ready()
  see(aReading(elapse(60 * second), { lag: 5_000 }))
  await pass()
  put(none)
  await pass()
  satisfyDeployments(cluster)
  await pass()
  told.length = 0
  put({ ...none, suspend: true })
  await pass()
  const { status, reason, message } = says(cluster, 'Suspended')
  const unknown =
    'drained: true. No pods ran, so nothing was left to drain. How many events wait is not known: they are counted when ' +
    'the pipeline resumes, for as long as Kafka keeps them. The topics stay.'
  assert.deepEqual([status, reason, message], ['True', 'Drained', unknown])
  assert.equal(told[0], `Normal Suspended shop/clickstream: ${unknown}`)
  for (const hours of [0, 13, 12, 200]) {
    elapse(hours * 3_600 * second)
    await pass()
    const expiring = says(cluster, 'DataExpiring')
    assert.deepEqual(
      [expiring.status, expiring.reason, expiring.message],
      [
        'Unknown',
        'NotObserved',
        'no pods ran, so what waits is not known: events in clickstream-events not counted yet, and the positions of ' +
          'the processors, may be deleted already',
      ],
    )
  }
})

test('a drain whose consumer tells nothing counts from the newest window that the status has, without one from no time', async () => {
  const on = await ready()
  const drain = async (seen: Seen) => {
    on.put({ suspend: true })
    on.see(seen)
    await on.pass()
    satisfyDeployments(on.cluster)
    on.elapse(700 * second)
    await on.pass()
    await on.pass()
    satisfyDeployments(on.cluster)
    const { status, reason, message } = says(on.cluster, 'DataExpiring')
    return [`${status} ${reason}`, message]
  }
  const lastWindow = { ...aSummary().lastWindow!, end: '2026-01-30T16:00:00.000Z' }
  on.see(aReading(on.elapse(60 * second), { lag: 5_000, lastWindow }))
  await on.pass()
  assert.deepEqual(await drain(undefined), [
    'True Expiring',
    'Kafka deletes events in clickstream-events not counted yet from 2026-01-31T16:00:00.000Z on, in less than 6h: ' +
      'set spec.suspend to false before',
  ])
  on.put()
  await on.pass()
  satisfyDeployments(on.cluster)
  assert.deepEqual(await drain('unreadable'), [
    'True Expiring',
    'how far the events are counted is not known: events in clickstream-events not counted yet may be deleted at any ' +
      'time: set spec.suspend to false',
  ])
})
