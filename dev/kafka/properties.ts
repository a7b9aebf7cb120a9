import { join } from 'node:path'

/** A voter of the controllers' quorum: every broker here is also a controller. */
export interface Voter {
  nodeId: number
  port: number
}

export interface BrokerPlace {
  directory: string
  host: string
  port: number
  controllerPort: number
  nodeId: number
  voters: readonly Voter[]
}

/** The server.properties of a broker that is a controller too; `extra` adds lines or replaces them. */
export function brokerProperties(place: BrokerPlace, extra: Record<string, string> = {}): string {
  const { directory, host, port, controllerPort, nodeId, voters } = place
  const copies = String(Math.min(3, voters.length))
  const inSync = String(Math.min(2, voters.length))
  return render({
    'process.roles': 'broker,controller',
    'node.id': String(nodeId),
    'controller.quorum.voters': voters.map((voter) => `${voter.nodeId}@${host}:${voter.port}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://${host}:${port},CONTROLLER://${host}:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${host}:${port},CONTROLLER://${host}:${controllerPort}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(directory, 'data'),
    'auto.create.topics.enable': 'false',
    'num.partitions': '1',
    'default.replication.factor': copies,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': copies,
    'offsets.topic.num.partitions': '8',
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': '8',
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': inSync,
    'group.initial.rebalance.delay.ms': '0',
    'num.network.threads': '2',
    'num.io.threads': '2',
    ...extra,
  })
}

function render(properties: Record<string, string>): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
