import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { startKafka } from '../dev/kafka.ts'
import { until } from '../dev/until.ts'
import { openAdmin } from '../runtime/kafka/admin.ts'
import { topicNames } from '../runtime/names.ts'
import { openWitness, type Witness } from '../test/chaos/witness.ts'
import { cores, onCore, usage } from './process.ts'

/** A broker of its own, and what the parts need of it. */
export interface Stage {
  readonly brokers: string
  /** Logs of what runs go here. */
  readonly directory: string
  readonly witness: Witness
  /** Seconds of processor time that the broker has used. */
  brokerCpu(): number
  /** Makes topics of so many partitions whose records never expire; those of the name that exist go first. */
  topics(partitions: Record<string, number>): Promise<void>
  /** Forgets groups, as soon as they have no members. */
  forget(groups: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** The topics of a pipeline as the operator would make them, by name. */
export const pipelineTopics = (pipeline: string, partitions: number): Record<string, number> => {
  const { events, panes, metrics, dlq } = topicNames(pipeline)
  return { [events]: partitions, [panes]: partitions, [metrics]: 1, [dlq]: partitions }
}

/** The topics of a pipeline but for its events. */
export const outcomeTopics = (pipeline: string, partitions: number): Record<string, number> => {
  const { [topicNames(pipeline).events]: _, ...others } = pipelineTopics(pipeline, partitions)
  return others
}

export const openStage = async (): Promise<Stage> => {
  const directory = mkdtempSync(join(tmpdir(), 'bench-'))
  const broker = await startKafka({
    directory,
    heapMegabytes: 1_024,
    placement: { lifetime: 'bound', within: onCore(cores.broker) },
  })
  const brokers = broker.bootstrapServers
  const admin = openAdmin({ bootstrapServers: brokers, clientId: 'bench' })
  const witness = openWitness(brokers)
  const gone = async (topic: string): Promise<void> => {
    await admin.delete(topic)
    await until(`the end of ${topic}`, async () => (await admin.describe(topic)) === undefined)
  }
  return {
    brokers,
    directory,
    witness,
    brokerCpu: () => usage(broker.pid).cpu,
    async topics(wanted) {
      for (const [name, partitions] of Object.entries(wanted)) {
        await gone(name)
        await admin.create({ name, partitions, replicas: 1, config: { 'retention.ms': '-1' } })
        await until(`the topic ${name}`, async () => (await admin.describe(name)) !== undefined)
      }
    },
    forget: (groups) => forget(brokers, groups),
    async close() {
      witness.close()
      await admin.close()
      await broker.kill()
      rmSync(directory, { recursive: true })
    },
  }
}

/** A group can be deleted once its members have left. One that never was is none. */
const forget = async (brokers: string, groups: readonly string[]): Promise<void> => {
  const admin = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  const there = async (): Promise<string[]> => {
    const { groups: all } = await admin.listGroups()
    return groups.filter((group) => all.some(({ groupId }) => groupId === group))
  }
  const deleted = async () => admin.deleteGroups(await there())
  await until(`the end of the groups ${groups.join()}`, deleted, { deadline: 60_000, every: 500 })
  await admin.disconnect()
}
