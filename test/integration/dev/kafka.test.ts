import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startKafka } from '../../../dev/kafka.ts'
import { brokersKnown } from '../../../dev/kafka/metadata.ts'

test('a broker answers when it is started, is gone when stopped, and comes back on the same port', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'kafka-'))
  const broker = await startKafka({ directory })
  t.after(async () => {
    await broker.kill()
    rmSync(directory, { recursive: true })
  })
  const [host = '', port] = broker.bootstrapServers.split(':')
  assert.equal(await brokersKnown(host, Number(port)), 1)
  await broker.stop()
  await assert.rejects(brokersKnown(host, Number(port)), /ECONNREFUSED/)
  await broker.restart()
  assert.equal(await brokersKnown(host, Number(port)), 1)
})
