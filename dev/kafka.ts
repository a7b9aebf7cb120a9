import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.ts'
import { jarsOf } from './maven.ts'
import { freePorts } from './ports.ts'
import { brokersKnown } from './kafka/metadata.ts'
import { type BrokerPlace, brokerProperties, type Voter } from './kafka/properties.ts'
import { type Daemon, kill, launch, type Placement, stop, untilReady } from './process.ts'

const POM = join(import.meta.dirname, 'kafka', 'pom.xml')

export interface KafkaOptions {
  /** Data, settings and log go here. A directory that holds a formatted broker is started as it is. */
  directory: string
  host?: string
  port?: number
  controllerPort?: number
  nodeId?: number
  clusterId?: string
  /** All controllers of the cluster, this one too; default: this one alone. */
  voters?: readonly Voter[]
  /** More or other lines of server.properties. */
  properties?: Record<string, string>
  heapMegabytes?: number
  /** Where and how the process runs; default: here, and never longer than this Node process. */
  placement?: Placement
}

export interface Broker {
  readonly bootstrapServers: string
  /** Changes with `restart`. */
  readonly pid: number
  readonly daemon: Daemon
  /** Ends it in order. */
  stop(): Promise<void>
  /** SIGKILL, as a crash. */
  kill(): Promise<void>
  /** Starts it again, stopped or killed or still running, on the same data and ports. */
  restart(): Promise<void>
}

/** Starts one Kafka broker (KRaft) and resolves when it answers. Needs Java 17; Maven only for the first start. */
export async function startKafka(options: KafkaOptions): Promise<Broker> {
  const { directory, properties, heapMegabytes = 512, placement = { lifetime: 'bound' } } = options
  const place = await placeOf(options)
  const settings = join(directory, 'server.properties')
  mkdirSync(directory, { recursive: true })
  writeFileSync(settings, brokerProperties(place, properties))
  const lib = await jars()
  if (!existsSync(join(directory, 'data', 'meta.properties'))) {
    const { clusterId = newClusterId() } = options
    await run(java(lib, '-Xmx64m', 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', settings))
  }
  const memory = [`-Xms${heapMegabytes}m`, `-Xmx${heapMegabytes}m`]
  const argv = java(lib, ...memory, 'kafka.Kafka', settings)
  const log = join(directory, 'kafka.log')
  return running(place, () => launch({ name: `kafka-${place.nodeId}`, argv, log, ...placement }))
}

async function placeOf({
  directory,
  host = '127.0.0.1',
  nodeId = 1,
  ...given
}: KafkaOptions): Promise<BrokerPlace> {
  const [anyPort = 0, anyControllerPort = 0] = await freePorts(2)
  const { port = anyPort, controllerPort = anyControllerPort } = given
  const { voters = [{ nodeId, port: controllerPort }] } = given
  return { directory, host, nodeId, port, controllerPort, voters }
}

/** Starts brokers of one cluster beside each other, as many processes. The first one's bootstrapServers suffice. */
export async function startKafkaCluster({
  directory,
  brokers = 3,
}: {
  directory: string
  brokers?: number
}): Promise<Broker[]> {
  const clusterId = newClusterId()
  const ports = await freePorts(2 * brokers)
  const voters = Array.from({ length: brokers }, (_, index) => ({
    nodeId: index + 1,
    port: ports[index] ?? 0,
  }))
  await jars()
  return Promise.all(
    voters.map(({ nodeId, port: controllerPort }, index) =>
      startKafka({
        directory: join(directory, `broker-${nodeId}`),
        nodeId,
        controllerPort,
        voters,
        clusterId,
        port: ports[brokers + index] ?? 0,
      }),
    ),
  )
}

async function running({ host, port }: BrokerPlace, start: () => Promise<Daemon>): Promise<Broker> {
  let daemon = await ready(await start(), host, port)
  return {
    bootstrapServers: `${host}:${port}`,
    get pid() {
      return daemon.pid
    },
    get daemon() {
      return daemon
    },
    stop: () => stop(daemon),
    kill: () => kill(daemon),
    async restart() {
      await stop(daemon)
      daemon = await ready(await start(), host, port)
    },
  }
}

async function ready(daemon: Daemon, host: string, port: number): Promise<Daemon> {
  try {
    await untilReady(daemon, async () => (await brokersKnown(host, port)) > 0)
    return daemon
  } catch (error) {
    await kill(daemon)
    throw error
  }
}

/** The folder with the jars of a broker. */
export const jars = (): Promise<string> => jarsOf('kafka', POM)

function java(lib: string, ...rest: readonly string[]): string[] {
  return ['java', '-XX:+UseSerialGC', '-cp', `${lib}/*`, ...rest]
}

/** A Kafka uuid: 16 bytes in base64url; Kafka rejects one that begins with a dash. */
function newClusterId(): string {
  const id = randomBytes(16).toString('base64url')
  return id.startsWith('-') ? newClusterId() : id
}
