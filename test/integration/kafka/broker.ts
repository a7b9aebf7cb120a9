import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Broker, startKafka } from '../../../dev/kafka.ts'
import { freePorts } from '../../../dev/ports.ts'
import { until } from '../../../dev/until.ts'
import { type Admin, openAdmin } from '../../../runtime/kafka/admin.ts'
import { connect } from '../../../runtime/kafka/log.ts'
import type { Log } from '../../../runtime/roles/log.ts'
import { openProxy, type Proxy } from './proxy.ts'

export interface Kafka {
  broker: Broker
  bootstrapServers: string
  log: Log
  admin: Admin
  /** All clients come through it. */
  proxy: Proxy
  /** Makes a topic that accepts values of 1 MB, and gives its name when it can be used. */
  createTopic(partitions?: number): Promise<string>
  close(): Promise<void>
}

/** A broker in a directory of its own, with more properties, a proxy before it, and our clients. */
export async function openKafka(properties: Record<string, string> = {}): Promise<Kafka> {
  const directory = mkdtempSync(join(tmpdir(), 'log-'))
  const [port = 0, controllerPort = 0, proxyPort = 0] = await freePorts(3)
  const proxy = await openProxy(proxyPort, port)
  const broker = await startKafka({
    directory,
    port,
    controllerPort,
    properties: {
      ...properties,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${proxyPort},CONTROLLER://127.0.0.1:${controllerPort}`,
    },
  })
  const bootstrapServers = `127.0.0.1:${proxyPort}`
  const options = { bootstrapServers, clientId: 'test' }
  const [log, admin] = [await connect(options), openAdmin(options)]
  let topics = 0
  return {
    broker,
    bootstrapServers,
    log,
    admin,
    proxy,
    async createTopic(partitions = 1) {
      const name = `topic-${++topics}`
      await admin.create({ name, partitions, replicas: 1, config: { 'max.message.bytes': '2097152' } })
      await until(`topic ${name}`, async () => (await log.partitions(name)) === partitions)
      for (let partition = 0; partition < partitions; partition++) await log.bounds(name, partition)
      return name
    },
    async close() {
      await Promise.all([log.close(), admin.close()])
      proxy.close()
      await broker.kill()
      rmSync(directory, { recursive: true })
    },
  }
}
