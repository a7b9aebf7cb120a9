import { clickEvent } from '../../../test/inputs/event.ts'
import type { AnyValues, Values } from '../../measures.ts'
import { topicNames } from '../../names.ts'
import type { ProcessorSettings } from '../../settings.ts'
import type { WindowResult } from '../../stream/result.ts'
import { type ManualClock, manualClock } from '../../testing/clock.ts'
import { MemoryBroker } from '../../testing/memory-broker.ts'
import { type MemoryLog, memoryLog } from '../../testing/memory-log.ts'
import type { ClickEvent } from '../../event.ts'
import { runProcessor } from '../processor.ts'
import type { Running } from '../role.ts'
import { remembering } from './logger.ts'

const topics = topicNames('shop')

/** A metric's number, undefined where it has none. */
export const numberIn = (values: AnyValues, name: string): number | undefined => {
  const value = values[name]
  return typeof value === 'number' ? value : undefined
}

/** A processor at work. */
export interface Pod extends Running {
  log: MemoryLog
  logger: ReturnType<typeof remembering>
  stop: () => void
  measure: (name: keyof Values<'processor'>) => number | undefined
}

/** A pipeline in memory, whose clock stands until it is moved. */
export interface World {
  clock: ManualClock
  broker: MemoryBroker
  start(settings?: Partial<ProcessorSettings>): Pod
  /** Sends an event that happens now, or at the given time. */
  send(partition: number, changes?: Partial<ClickEvent>): void
  sendBytes(partition: number, value: Uint8Array | null): void
  results(): WindowResult[]
  deadLetters(): Record<string, string>[]
}

const settings: ProcessorSettings = {
  PIPELINE: 'shop',
  NAMESPACE: 'default',
  KAFKA_BOOTSTRAP_SERVERS: 'kafka:9092',
  HTTP_PORT: 0,
  LOG_LEVEL: 'info',
  WINDOW_SIZE_MS: 10_000,
  WINDOW_SLIDE_MS: 10_000,
  WINDOW_GRACE_MS: 2_000,
  WINDOW_IDLE_TIMEOUT_MS: 5_000,
  PIPELINE_CREATED_MS: 1_000,
  WINDOW_GENERATION: 1,
}

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

const startPod = (broker: MemoryBroker, changes: Partial<ProcessorSettings>): Pod => {
  const controller = new AbortController()
  const logger = remembering()
  const log = memoryLog(broker)
  const context = { log, logger, clock: broker.clock, signal: controller.signal }
  const running = runProcessor({ ...context, settings: { ...settings, ...changes } })
  return {
    ...running,
    log,
    logger,
    stop: () => controller.abort(),
    measure: (name) => numberIn(running.measures(), name),
  }
}

/** A pipeline whose time begins at `start`, milliseconds since the epoch. */
export const world = (start: number, partitions = 2): World => {
  const clock = manualClock(start)
  const broker = new MemoryBroker(clock)
  for (const topic of [topics.panes, topics.dlq, topics.events]) broker.createTopic(topic, partitions)
  broker.createTopic(topics.metrics, 1)
  const sendBytes = (partition: number, value: Uint8Array | null): void => {
    broker.append({ topic: topics.events, partition, messages: [{ key: null, value }] })
  }
  return {
    clock,
    broker,
    start: (changes = {}) => startPod(broker, changes),
    sendBytes,
    send(partition, changes = {}) {
      const timestamp = new Date(clock.now()).toISOString()
      sendBytes(partition, encode(clickEvent({ timestamp, ...changes })))
    },
    results: () =>
      broker
        .records(topics.metrics)
        .flat()
        .map(({ value }) => JSON.parse(Buffer.from(value ?? []).toString()) as WindowResult),
    deadLetters: () =>
      broker
        .records(topics.dlq)
        .flat()
        .map(({ headers }) => headers ?? {}),
  }
}
