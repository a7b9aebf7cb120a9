import type { KafkaTopic } from '../api/kubernetes.ts'
import type { Pipeline } from '../api/pipeline.ts'
import { milliseconds } from '../api/duration.ts'
import { topicNames, type TopicNames } from '../../runtime/names.ts'
import { clusterLabel, labels } from './names.ts'

export type TopicRole = keyof TopicNames

/** Topics that must have their partitions before the events topic grows: a task writes where its events are. */
export const topicOrder: readonly TopicRole[] = ['panes', 'dlq', 'metrics', 'events']

const day = 24 * 3_600_000
const mebibyte = 1_048_576

/** What Kafka refuses by default beyond: a batch of this many bytes (max.message.bytes). */
const defaultMaxMessageBytes = mebibyte + 12

/** The most that max.message.bytes can say. */
const mostMessageBytes = 2 ** 31 - 1

/** The four KafkaTopics of a pipeline. `topicVersion` is the version of KafkaTopic that the cluster serves. */
export const topics = (pipeline: Pipeline, topicVersion: string): Record<TopicRole, KafkaTopic> => {
  const { events, metrics } = pipeline.spec.topics
  const keep = (ms: number) => ({ 'cleanup.policy': 'delete', 'retention.ms': String(ms) })
  const eventsMs = milliseconds(events.retention) ?? 0
  const metricsMs = milliseconds(metrics.retention) ?? 0
  const windowMs = milliseconds(pipeline.spec.processor.window.size) ?? 0
  const of = (role: TopicRole, spec: KafkaTopic['spec']) => topic(pipeline, { role, topicVersion, spec })
  return {
    events: of('events', { ...shape(events), config: { ...events.config, ...keep(eventsMs) } }),
    metrics: of('metrics', { ...shape(metrics), config: { ...metrics.config, ...keep(metricsMs) } }),
    panes: of('panes', { ...shape(events), config: keep(panesRetention(windowMs)) }),
    // A dead letter is the event with its reason in front: it must fit wherever the event did.
    dlq: of('dlq', {
      ...shape(events),
      config: { ...keep(metricsMs), 'max.message.bytes': String(deadLetterBytes(events.config)) },
    }),
  }
}

/**
 * The merger reads the panes of open windows again after a restart: they outlive the window by a day at least. In
 * whole days, so that most edits of the window leave the topic alone.
 */
const panesRetention = (windowMs: number): number => (Math.ceil(windowMs / day) + 1) * day

const shape = ({ partitions, replicas }: { partitions: number; replicas?: number | undefined }) => ({
  partitions,
  ...(replicas === undefined ? {} : { replicas }),
})

const maxMessageBytes = (config: Record<string, string>): number => {
  const set = Number(config['max.message.bytes'])
  return Number.isSafeInteger(set) && set > 0 ? set : defaultMaxMessageBytes
}

const deadLetterBytes = (config: Record<string, string>): number =>
  Math.min(maxMessageBytes(config) + mebibyte, mostMessageBytes)

const topic = (
  pipeline: Pipeline,
  { role, topicVersion, spec }: { role: TopicRole; topicVersion: string; spec: KafkaTopic['spec'] },
): KafkaTopic => ({
  apiVersion: `kafka.strimzi.io/${topicVersion}`,
  kind: 'KafkaTopic',
  metadata: {
    name: topicNames(pipeline.name)[role],
    namespace: pipeline.namespace,
    labels: { ...labels(pipeline), [clusterLabel]: pipeline.spec.kafka.cluster },
  },
  spec,
})
