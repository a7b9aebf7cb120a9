import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startKafka } from '../../../dev/kafka.ts'
import { until } from '../../../dev/until.ts'
import { openAdmin } from '../../../runtime/kafka/admin.ts'
import { connect } from '../../../runtime/kafka/log.ts'
import { logContract } from './log-contract.ts'

logContract('the log on Kafka', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'log-'))
  const broker = await startKafka({ directory })
  const options = { bootstrapServers: broker.bootstrapServers, clientId: 'contract' }
  const [log, admin] = [await connect(options), openAdmin(options)]
  let topics = 0
  return {
    log,
    async createTopic(partitions) {
      const name = `contract-${++topics}`
      await admin.create({ name, partitions, replicas: 1, config: { 'max.message.bytes': '2097152' } })
      await until(`topic ${name}`, async () => (await log.partitions(name)) === partitions)
      for (let partition = 0; partition < partitions; partition++) await log.bounds(name, partition)
      return name
    },
    async close() {
      await Promise.all([log.close(), admin.close()])
      await broker.kill()
      rmSync(directory, { recursive: true })
    },
  }
})
