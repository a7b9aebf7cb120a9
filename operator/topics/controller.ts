import type { Logger } from 'pino'
import type { KafkaTopic } from '../api/kubernetes.ts'
import { type Clock, pause, systemClock } from '../reconcile/clock.ts'
import type { Cluster } from '../reconcile/cluster.ts'
import { runController } from '../reconcile/controller.ts'
import type { ControllerMetrics } from '../reconcile/metrics.ts'
import { Queue } from '../reconcile/queue.ts'
import type { TopicBroker } from './broker.ts'
import { touched } from './claim.ts'
import { topicReconciler } from './reconcile.ts'
import { visible } from './visible.ts'

export interface TopicsOptions {
  cluster: Cluster
  broker: TopicBroker
  /** Serves the KafkaTopics whose label strimzi.io/cluster has this value. */
  kafkaCluster: string
  logger: Logger
  /** Ends the controller. */
  signal: AbortSignal
  metrics?: ControllerMetrics
  clock?: Clock
  /** Milliseconds since the epoch, for transition times. */
  now?: () => number
}

export interface TopicController {
  /** To be told of each change of a KafkaTopic, also of its deletion. */
  changed(topic: KafkaTopic): void
  /** Makes passes until the signal aborts; resolves when the last one has ended. */
  run(): Promise<void>
  /** What keeps it from its work, in a sentence; undefined once the brokers have answered. */
  problem(): string | undefined
}

/** Passes at a time. They wait for brokers most of the time, and one that is away for seconds. */
export const workers = 8

/** Milliseconds between two greetings of brokers that do not answer. */
const GREET_EVERY = 1_000

/** The KafkaTopic controller of one Kafka cluster. */
export function topicController(options: TopicsOptions): TopicController {
  const { cluster, kafkaCluster, logger, signal, metrics, clock = systemClock, now = Date.now } = options
  const broker = visible(options.broker, clock, signal)
  const reconcile = topicReconciler({ cluster, broker, kafkaCluster, now, logger })
  const queue = new Queue({ clock, ...(metrics && { observer: metrics.queue }) })
  metrics?.watch(queue)
  const told = metrics && { began: metrics.began, passed: metrics.passed }
  let problem: string | undefined = 'the brokers have not answered yet'
  const greet = async () => {
    while (problem !== undefined && !signal.aborted) {
      problem = await silence(broker)
      if (problem !== undefined) await pause(clock, GREET_EVERY, signal)
    }
  }
  return {
    changed(topic) {
      for (const key of touched(topic, cluster.list('KafkaTopic'))) queue.add(key)
    },
    async run() {
      const controller = runController({
        queue,
        reconcile,
        workers,
        logger,
        signal,
        clock,
        ...told,
      })
      await Promise.all([controller, greet()])
    },
    problem: () => problem,
  }
}

/** Why the brokers do not answer, or undefined when they do. */
async function silence(broker: TopicBroker): Promise<string | undefined> {
  try {
    await broker.describe('__consumer_offsets')
    return undefined
  } catch (error) {
    return `the brokers do not answer: ${error instanceof Error ? error.message : String(error)}`
  }
}
