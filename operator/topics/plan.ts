import type { KafkaTopic } from '../api/kubernetes.ts'
import type { BrokerTopic } from './broker.ts'
import { type ConfigChanges, configChanges, parseConfig } from './config.ts'
import { notSupported, type Refusal } from './status.ts'

/** One write to the brokers. */
export type Step =
  | {
      kind: 'create'
      partitions: number | undefined
      replicas: number | undefined
      config: Record<string, string>
    }
  | { kind: 'configure'; changes: ConfigChanges }
  | { kind: 'grow'; partitions: number }

export interface Plan {
  steps: Step[]
  /** What of the spec cannot be had. It holds back nothing else of it, except a topic's creation. */
  refusals: Refusal[]
}

/** What makes the brokers' topic the one that the spec asks for. A field that the spec leaves out stays as it is. */
export function plan({ spec }: Pick<KafkaTopic, 'spec'>, found: BrokerTopic | undefined): Plan {
  const { partitions, replicas, config } = spec ?? {}
  const parsed = parseConfig(config)
  const refusals = Object.values(parsed.faults).map(notSupported)
  if (!found) {
    const create: Step = { kind: 'create', partitions, replicas, config: parsed.values }
    return { steps: refusals.length === 0 ? [create] : [], refusals }
  }
  const changes = configChanges(parsed, found.config)
  const steps: Step[] = changes ? [{ kind: 'configure', changes }] : []
  if (partitions !== undefined && partitions > found.partitions) steps.push({ kind: 'grow', partitions })
  return { steps, refusals: [...structure(spec, found), ...refusals] }
}

function structure(spec: KafkaTopic['spec'], found: BrokerTopic): Refusal[] {
  const { partitions, replicas } = spec ?? {}
  const refusals: Refusal[] = []
  if (partitions !== undefined && partitions < found.partitions) {
    const counts = `spec.partitions is ${partitions}, the topic has ${found.partitions}`
    refusals.push(notSupported(`Decreasing partitions not supported: ${counts}`))
  }
  if (replicas !== undefined && replicas !== found.replicas) {
    const counts = `spec.replicas is ${replicas}, the topic has ${found.replicas}`
    refusals.push(notSupported(`Replication factor change not supported: ${counts}`))
  }
  return refusals
}
