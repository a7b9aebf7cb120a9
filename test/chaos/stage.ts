import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Broker, startKafka, startKafkaCluster } from '../../dev/kafka.ts'
import { freePorts } from '../../dev/ports.ts'
import { type Admin, openAdmin } from '../../runtime/kafka/admin.ts'
import { connect } from '../../runtime/kafka/log.ts'
import type { Log } from '../../runtime/roles/log.ts'
import { openProxy, type Proxy } from './proxy.ts'
import { openWitness, type Witness } from './witness.ts'

/** Brokers, and what the tests need of them. */
export interface Stage {
  brokers: readonly Broker[]
  /** For the tests themselves. */
  direct: string
  /** For processors whose connections are to be harmed. */
  proxied: string
  proxy: Proxy
  witness: Witness
  log: Log
  admin: Admin
  close(): Promise<void>
}

const faced = async (
  brokers: readonly Broker[],
  { proxied, proxy, directory }: { proxied: string; proxy: Proxy; directory: string },
): Promise<Stage> => {
  const direct = brokers.map(({ bootstrapServers }) => bootstrapServers).join()
  const options = { bootstrapServers: direct, clientId: 'chaos' }
  const witness = openWitness(direct)
  const [log, admin] = [await connect(options), openAdmin(options)]
  return {
    brokers,
    direct,
    proxied,
    proxy,
    witness,
    log,
    admin,
    async close() {
      witness.close()
      await Promise.all([log.close(), admin.close()])
      proxy.close()
      await Promise.all(brokers.map((broker) => broker.kill()))
      rmSync(directory, { recursive: true })
    },
  }
}

/** One broker that also listens behind a proxy, and lets records expire within a second of their time. */
export const openStage = async (): Promise<Stage> => {
  const directory = mkdtempSync(join(tmpdir(), 'chaos-'))
  const [port = 0, controllerPort = 0, behind = 0, before = 0] = await freePorts(4)
  const listeners = (proxied: number): string =>
    `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort},PROXIED://127.0.0.1:${proxied}`
  const broker = await startKafka({
    directory,
    port,
    controllerPort,
    properties: {
      listeners: listeners(behind),
      'advertised.listeners': listeners(before),
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PROXIED:PLAINTEXT',
      'log.retention.check.interval.ms': '500',
      'log.initial.task.delay.ms': '500',
    },
  })
  const proxy = await openProxy(before, behind)
  return faced([broker], { proxied: `127.0.0.1:${before}`, proxy, directory })
}

/** Three brokers, where leaders and coordinators move. Nothing stands before them. */
export const openCluster = async (): Promise<Stage> => {
  const directory = mkdtempSync(join(tmpdir(), 'chaos-'))
  const brokers = await startKafkaCluster({ directory, brokers: 3 })
  const [unused = 0] = await freePorts(1)
  const proxied = brokers.map(({ bootstrapServers }) => bootstrapServers).join()
  return faced(brokers, { proxied, proxy: await openProxy(unused, unused), directory })
}
