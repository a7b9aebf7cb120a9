import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startKafka } from '../../../dev/kafka.ts'
import { until } from '../../../dev/until.ts'
import { openAdmin } from '../../../runtime/kafka/admin.ts'
import { fetchWait } from '../../../runtime/kafka/fetch.ts'
import { connect } from '../../../runtime/kafka/log.ts'
import { text } from './reading.ts'

const topic = 'ahead'
const directory = mkdtempSync(join(tmpdir(), 'ahead-'))
// No proxy before it: that would be held up with this process.
const broker = await startKafka({ directory })
const options = { bootstrapServers: broker.bootstrapServers, clientId: 'test' }
const [log, admin] = [await connect(options), openAdmin(options)]
after(async () => {
  await Promise.all([log.close(), admin.close()])
  await broker.kill()
  rmSync(directory, { recursive: true })
})

/** Holds up everything in this process, as a caller does who works on records. */
const work = (milliseconds: number): void => {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

test('the next fetch is on its way while a caller works on the answers of the one before', async () => {
  await admin.create({ name: topic, partitions: 1, replicas: 1, config: {} })
  await until('the topic', async () => (await log.partitions(topic)) === 1)
  await log.append({ topic, partition: 0, messages: [text('a')] })
  const reader = log.reader(topic)
  reader.seek(0, 0)
  for (let next = 0; next < 1;) {
    const answers = await reader.poll()
    // The broker lets the next one wait meanwhile, and has answered it by the end.
    work(2 * fetchWait)
    for (const answer of answers) next = 'next' in answer ? answer.next : next
  }
  const begin = performance.now()
  const answers = await reader.poll()
  const waited = performance.now() - begin
  assert.equal(answers.length, 1)
  assert.ok(waited < fetchWait / 2, `${waited} ms`)
  await reader.close()
})
