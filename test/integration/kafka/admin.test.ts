import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../../../dev/until.ts'
import type { TopicBroker } from '../../../operator/topics/broker.ts'
import { openAdmin } from '../../../runtime/kafka/admin.ts'
import { type Kafka, openKafka } from './broker.ts'

let kafka: Kafka
let admin: TopicBroker
before(async () => {
  kafka = await openKafka()
  admin = kafka.admin
})
after(() => kafka.close())

const settled = (topic: string, partitions: number) =>
  until(`${partitions} partitions of ${topic}`, async () => {
    const found = await admin.describe(topic)
    return found?.partitions === partitions && found
  })

test('a topic is made as asked, and described with what is set on itself only', async () => {
  await admin.create({ name: 'made', partitions: 3, replicas: 1, config: { 'retention.ms': '3600000' } })
  const { topicId, ...found } = await settled('made', 3)
  assert.match(topicId ?? '', /^[\w-]{22}$/)
  assert.deepEqual(found, { partitions: 3, replicas: 1, config: { 'retention.ms': '3600000' } })
})

test('partitions and replicas that are left out are the brokers’ default', async () => {
  await admin.create({ name: 'default', partitions: undefined, replicas: undefined, config: {} })
  const { partitions, replicas, config } = await settled('default', 1)
  assert.deepEqual({ partitions, replicas, config }, { partitions: 1, replicas: 1, config: {} })
})

test('a topic that is not there is undefined, and gone already when it is to be deleted', async () => {
  assert.equal(await admin.describe('absent'), undefined)
  await admin.delete('absent')
})

test('a deleted topic is gone, and made again has another id', async () => {
  const make = () => admin.create({ name: 'again', partitions: 1, replicas: 1, config: {} })
  await make()
  const { topicId } = await settled('again', 1)
  await admin.delete('again')
  await until('its end', async () => (await admin.describe('again')) === undefined)
  await make()
  assert.notEqual((await settled('again', 1)).topicId, topicId)
})

test('a topic grows, and does not shrink', async () => {
  await admin.create({ name: 'growing', partitions: 1, replicas: 1, config: {} })
  await settled('growing', 1)
  await admin.grow('growing', 4)
  await settled('growing', 4)
  await assert.rejects(admin.grow('growing', 2), {
    reason: 'Refused',
    retry: false,
    message: /growing topic growing to 2 partitions: INVALID_PARTITIONS .*currently has 4 partition/,
  })
})

test('changing an entry of the config leaves the others as they are', async () => {
  const config = { 'cleanup.policy': 'compact', 'retention.ms': '1000', 'max.message.bytes': '2000000' }
  await admin.create({ name: 'config', partitions: 1, replicas: 1, config })
  await settled('config', 1)
  await admin.configure('config', { set: { 'retention.ms': '2000' }, unset: ['max.message.bytes'] })
  const changed = await until('the change', async () => {
    const found = await admin.describe('config')
    return found?.config['retention.ms'] === '2000' && found
  })
  assert.deepEqual(changed.config, { 'cleanup.policy': 'compact', 'retention.ms': '2000' })
})

test('a topic that is there already is not made again, and known beforehand; what is only validated is not made', async () => {
  const topic = (name: string, replicas = 1) => ({ name, partitions: 1, replicas, config: {} })
  await admin.validate(topic('once'))
  assert.equal(await admin.describe('once'), undefined)
  assert.equal(await admin.create(topic('once')), true)
  assert.equal(await admin.create(topic('once')), false)
  await assert.rejects(admin.validate(topic('once')), {
    reason: 'Exists',
    message: /Topic 'once' already exists/,
  })
  await assert.rejects(admin.validate(topic('wide', 3)), { reason: 'Refused', message: /only 1 broker/ })
})

test('a refusal has the broker’s own words', async () => {
  const create = (name: string, config: Record<string, string>, replicas = 1) =>
    admin.create({ name, partitions: 1, replicas, config })
  await create('taken', {})
  await assert.rejects(create('many', {}, 3), {
    reason: 'Refused',
    message: /only 1 broker\(s\) are registered/,
  })
  await assert.rejects(create('odd', { odd: '1' }), {
    reason: 'Refused',
    message: /Unknown topic config name: odd/,
  })
  await assert.rejects(create('a/b', {}), { reason: 'Refused', message: /INVALID_TOPIC_EXCEPTION/ })
  const bad = { set: { 'retention.ms': 'soon' }, unset: [] }
  await assert.rejects(admin.configure('taken', bad), { reason: 'Refused', message: /soon/ })
})

test('when no broker answers it is said within seconds', async () => {
  const lonely = openAdmin({ bootstrapServers: '127.0.0.1:1', clientId: 'test' })
  await assert.rejects(lonely.describe('x'), {
    reason: 'Unreachable',
    retry: true,
    message: /127\.0\.0\.1:1.*ECONNREFUSED/,
  })
  await lonely.close()
})
