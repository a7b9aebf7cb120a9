import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LogFault } from '../../../../runtime/roles/log.ts'
import { text, valuesOf } from '../reading.ts'
import { commit, type Given, never, refusal } from './given.ts'

export function leases(given: Given): void {
  test('a new lease fences the one before, which writes nothing more', async () => {
    const { log, topic } = await given()
    const old = await log.lease(`${topic}.a`, never)
    await commit(old, { topic, value: 'a', offset: 1 })
    const young = await log.lease(`${topic}.a`, never)
    await assert.rejects(commit(old, { topic, value: 'b', offset: 2 }), refusal('Fenced', false))
    await commit(young, { topic, value: 'c', offset: 2 })
    const again = await log.lease(`${topic}.a`, never)
    assert.deepEqual(await valuesOf(log, topic), ['a', 'c'])
    await assert.rejects(
      young.commit({
        appends: [],
        group: `${topic}-group`,
        positions: [{ topic, partition: 0, offset: 9, metadata: '' }],
      }),
      refusal('Fenced', false),
    )
    await commit(again, { topic, value: 'd', offset: 3 })
  })

  test('leases under different ids do not touch each other', async () => {
    const { log, topic } = await given()
    const [a, b] = [await log.lease(`${topic}.a`, never), await log.lease(`${topic}.b`, never)]
    await Promise.all([
      commit(a, { topic, value: 'a', offset: 1 }),
      commit(b, { topic, value: 'b', offset: 2 }),
    ])
    await Promise.all(['a', 'b'].map((who) => log.lease(`${topic}.${who}`, never)))
    assert.deepEqual((await valuesOf(log, topic)).sort(), ['a', 'b'])
  })

  test('after a failed commit the lease is of no use', async () => {
    const { log, topic } = await given()
    const lease = await log.lease(`${topic}.a`, never)
    const missing = { topic: `${topic}-not`, partition: 0, messages: [text('a')] }
    await assert.rejects(
      lease.commit({ appends: [missing], group: `${topic}-group`, positions: [] }),
      LogFault,
    )
    await assert.rejects(commit(lease, { topic, value: 'a', offset: 1 }), LogFault)
    await log.lease(`${topic}.a`, never)
    assert.deepEqual(await valuesOf(log, topic), [])
    assert.equal(await log.position({ group: `${topic}-group`, topic, partition: 0 }), undefined)
  })

  test('settling leaves what does not hang as it is, committed or rolled back', async () => {
    const { log, topic } = await given()
    const hanging = { group: `${topic}-group`, partitions: [{ topic, partition: 0 }] }
    const lease = await log.lease(`${topic}.a`, never)
    await lease.settle(hanging)
    await commit(lease, { topic, value: 'a', offset: 1 })
    await lease.settle(hanging)
    await commit(lease, { topic, value: 'b', offset: 2 })
    const heir = await log.lease(`${topic}.a`, never)
    await assert.rejects(lease.settle(hanging), refusal('Fenced', false))
    await heir.settle(hanging)
    assert.deepEqual(await log.position({ group: hanging.group, topic, partition: 0 }), {
      offset: 2,
      metadata: '',
    })
    assert.deepEqual(await valuesOf(log, topic), ['a', 'b'])
  })

  test('waiting for a lease ends when it is aborted', async () => {
    const { log, topic } = await given()
    await assert.rejects(log.lease(`${topic}.a`, AbortSignal.abort(new Error('enough'))), /enough/)
  })
}
