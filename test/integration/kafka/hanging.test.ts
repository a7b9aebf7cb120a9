import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../../../dev/until.ts'
import { Transport } from '../../../runtime/kafka/transport.ts'
import { showHidden } from '../../../runtime/roles/stable-position.ts'
import { type Kafka, openKafka } from './broker.ts'
import { openTransaction } from './open-transaction.ts'
import { text, valuesOf } from './reading.ts'

/**
 * What a coordinator leaves that was killed between the end of a transaction and its marks, and comes back without
 * knowing one of its partitions. Here that is made on purpose, by records of which the coordinator was never told: a
 * broker takes them only without its verification of transactions.
 */

let kafka: Kafka
let raw: Transport
before(async () => {
  kafka = await openKafka({ 'transaction.partition.verification.enable': 'false' })
  raw = new Transport(kafka.bootstrapServers, 'raw')
})
after(async () => {
  raw.close()
  await kafka.close()
})

const never = new AbortController().signal

const given = async () => {
  const topic = await kafka.createTopic()
  const place = { topic, partition: 0 }
  const id = `${topic}.a`
  const write = (value: string) => ({
    appends: [{ ...place, messages: [text(value)] }],
    group: `${topic}-group`,
    positions: [],
  })
  await (await kafka.log.lease(id, never)).commit(write('before'))
  const hang = await openTransaction(raw, { transactionalId: id, topic, told: false })
  await hang('in doubt')
  const lease = await kafka.log.lease(id, never)
  const show = (isCovered: boolean) =>
    showHidden(kafka.log, lease, {
      group: `${topic}-group`,
      written: [place],
      covers: ({ value }) => isCovered && Buffer.from(value ?? []).toString() === 'in doubt',
    })
  const values = () => valuesOf(kafka.log, topic)
  return { place, lease, write, show, values }
}

test('a lease does not end what its coordinator does not know, and the next transaction takes it along', async () => {
  const { place, lease, write, values } = await given()
  assert.equal(Buffer.from((await kafka.log.hidden(place))?.value ?? []).toString(), 'in doubt')
  assert.deepEqual(await values(), ['before'])
  await lease.commit(write('after'))
  const all = ['before', 'in doubt', 'after']
  assert.deepEqual(await until('all', async () => (await values()).length === 3 && values()), all)
})

for (const [what, isCovered, shown] of [
  ['the position covers is shown', true, ['before', 'in doubt']],
  ['the position does not cover is rolled back', false, ['before']],
] as const)
  test(`under a lease, what hangs and ${what}`, async () => {
    const { place, lease, write, show, values } = await given()
    await show(isCovered)
    await until('nothing hidden', async () => (await kafka.log.hidden(place)) === undefined)
    assert.deepEqual(await values(), shown)
    await lease.commit(write('after'))
    await until('the next', async () => (await values()).length === shown.length + 1)
    assert.deepEqual(await values(), [...shown, 'after'])
  })
