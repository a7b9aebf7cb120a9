import * as z from 'zod'
import { isDurationCel, milliseconds } from './duration.ts'
import { duration, text, whole, withRule, withTransition } from './field.ts'
import { exceeds, quantityPattern } from './quantity.ts'

/**
 * The spec of a ClickstreamPipeline. This file is the only home of its fields: the CustomResourceDefinition,
 * the parser, the TypeScript type and docs/reference.md are made from it.
 */

const second = 1_000
const hour = 3_600 * second
const week = 7 * 24 * hour

const kafka = z
  .object({
    cluster: withTransition(
      withRule(
        text(
          'Name of the Kafka cluster: the value of the label strimzi.io/cluster on the topics. Cannot be changed.',
          {
            min: 1,
            max: 63,
          },
        ),
        {
          cel: "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
          message: 'must be the name of a Kafka cluster: lower case letters, digits and dashes',
          holds: (value) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(value),
        },
      ),
      {
        rule: 'self == oldSelf',
        message: 'the Kafka cluster cannot be changed: create a new pipeline on the other cluster',
      },
    ),
    bootstrapServers: withRule(
      text(
        'Brokers to connect to first, as host:port[,host:port…]. Default: <cluster>-kafka-bootstrap:9092.',
        {
          max: 1_024,
        },
      ),
      {
        cel: "self.matches('^[-a-zA-Z0-9._]+:[0-9]{1,5}(,[-a-zA-Z0-9._]+:[0-9]{1,5})*$')",
        message: 'must be host:port[,host:port…], for example my-cluster-kafka-bootstrap:9092',
        holds: (value) => /^[-a-zA-Z0-9._]+:[0-9]{1,5}(,[-a-zA-Z0-9._]+:[0-9]{1,5})*$/.test(value),
      },
    ).optional(),
  })
  .describe('The Kafka cluster that the pipeline runs on.')

const topicConfig = withRule(
  z
    .record(z.string().max(249), z.string().max(1_024))
    .meta({ maxProperties: 64 })
    .describe('Further Kafka settings of the topic, such as min.insync.replicas: "2". Values are strings.'),
  {
    cel: "!('retention.ms' in self) && !('cleanup.policy' in self)",
    message: 'retention.ms and cleanup.policy belong to the operator: set retention instead',
    holds: (value) => !('retention.ms' in value) && !('cleanup.policy' in value),
  },
)

const topic = (name: string, defaults: { partitions: number; retention: string }) =>
  z
    .object({
      partitions: withTransition(
        whole('Number of partitions. It can grow, never shrink.', { min: 1, max: 1_000 }),
        {
          rule: 'self >= oldSelf',
          message: 'partitions cannot shrink, since Kafka cannot: keep the number, or create a new pipeline',
        },
      ).default(defaults.partitions),
      replicas: whole("Copies of each partition. Default: the brokers' default.replication.factor.", {
        min: 1,
        max: 32,
      }).optional(),
      retention: duration('How long Kafka keeps a record.', { min: 60 * second, max: 87_600 * hour }).default(
        defaults.retention,
      ),
      config: topicConfig.default({}),
    })
    .describe(`The topic <pipeline>-${name}.`)
    .prefault({})

const quantity = z
  .union([z.int(), z.string()])
  .refine((value) => new RegExp(quantityPattern).test(String(value)), {
    error: 'must be a quantity below 1000000T, such as 500m or 256Mi',
  })
  .meta({ 'x-kubernetes-int-or-string': true, pattern: quantityPattern, minimum: 0, maxLength: 32 })

const amounts = (description: string) =>
  z
    .object({
      cpu: quantity.describe('Processor time, such as 500m.').optional(),
      memory: quantity.describe('Memory, such as 256Mi.').optional(),
    })
    .describe(description)
    .optional()

const resourcesShape = z.object({
  requests: amounts('What the scheduler sets aside.'),
  limits: amounts('What a pod cannot exceed.'),
})

/** CEL: whether both are there and a quantity each; of others the fields' own rules speak. */
const bothCel = (name: string): string =>
  ['requests', 'limits']
    .map((set) => `has(self.${set}) && has(self.${set}.${name}) && isQuantity(string(self.${set}.${name}))`)
    .join(' && ')

/** What Kubernetes says of each pod of a Deployment that it has taken, where nobody looks. */
const withinLimit = (name: 'cpu' | 'memory') => ({
  cel: `!(${bothCel(name)}) || quantity(string(self.requests.${name})).compareTo(quantity(string(self.limits.${name}))) <= 0`,
  message: `requests.${name} must not exceed limits.${name}: lower the request or raise the limit`,
  holds: ({ requests, limits }: z.output<typeof resourcesShape>) =>
    !exceeds(requests?.[name], limits?.[name]),
})

const resources = withRule(withRule(resourcesShape, withinLimit('cpu')), withinLimit('memory'))
  .describe(
    'Processor time and memory of each pod. What is not set has a default of the operator, which gives way to what is set.',
  )
  .prefault({})

const replicas = (role: string, max: number) => whole(`Number of ${role} pods.`, { min: 0, max }).default(1)

const autoscaled = z
  .boolean()
  .default(false)
  .describe(
    'True leaves the number of pods to an autoscaler of the Deployment: replicas is then only what it begins with. ' +
      'An autoscaler of the pipeline itself, by its scale subresource, does not need it.',
  )

const seconds = (value: string): number => (milliseconds(value) ?? 0) / second
const windowOf = (min: number) => ({ min, max: week })

const windowShape = z.object({
  size: duration('Length of a window, in whole seconds from 1s to 168h.', windowOf(second)).default('5m'),
  slide: duration(
    'Time from one window to the next. Default: the size, so that windows tumble; less makes them hop.',
    windowOf(second),
  ).optional(),
  grace: duration('How late an event may come and still be counted.', windowOf(second)).default('10s'),
  idleTimeout: duration(
    'After this long without an event a partition no longer holds the others back.',
    windowOf(second),
  ).default('30s'),
})

/** CEL: the slide is absent or the rules on size and slide themselves already speak. */
const noSlideCel = `!has(self.slide) || !${isDurationCel('self.slide')} || !${isDurationCel('self.size')} || duration(self.slide) < duration('1s')`

const window = withRule(
  withRule(windowShape, {
    cel: `${noSlideCel} || duration(self.size).getSeconds() % duration(self.slide).getSeconds() == 0`,
    message: 'size must be a whole multiple of slide: for example size 60s with slide 20s',
    holds: ({ size, slide }) =>
      slide === undefined || seconds(slide) === 0 || seconds(size) % seconds(slide) === 0,
  }),
  {
    cel: `${noSlideCel} || duration(self.size).getSeconds() / duration(self.slide).getSeconds() <= 1000`,
    message: 'a window may hold at most 1000 slides: make slide longer or size shorter',
    holds: ({ size, slide }) =>
      slide === undefined || seconds(slide) === 0 || seconds(size) / seconds(slide) <= 1_000,
  },
)
  .describe('The window of the aggregation, in event time, aligned to the epoch.')
  .prefault({})

const producer = z
  .object({
    replicas: replicas('producer', 100),
    autoscaled,
    rate: whole('Events per second of each pod.', { min: 1, max: 50_000 }).default(10),
    users: whole('Number of visitors that are simulated.', { min: 1, max: 1_000_000 }).default(100),
    resources,
  })
  .describe('The event source: a simulation of visitors of a shop.')
  .prefault({})

const processor = z
  .object({ replicas: replicas('processor', 1_000), autoscaled, window, resources })
  .describe('The windowed aggregation.')
  .prefault({})

const consumer = z
  .object({ replicas: replicas('consumer', 100), autoscaled, resources })
  .describe('The live results: a text dashboard in the log and a web page.')
  .prefault({})

const topics = z
  .object({
    events: topic('events', { partitions: 6, retention: '24h' }),
    metrics: topic('metrics', { partitions: 1, retention: '168h' }),
  })
  .describe('The topics that the pipeline owns.')
  .prefault({})

export const Spec = withRule(
  z.object({
    kafka,
    topics,
    producer,
    processor,
    consumer,
    suspend: z
      .boolean()
      .default(false)
      .describe(
        'True stops the event source, then, when every event is counted and the last window is out, the other pods. ' +
          'The topics stay.',
      ),
    deletionPolicy: z
      .enum(['Retain', 'Delete'])
      .default('Retain')
      .describe(
        'What happens to the topics, and the data in them, when the pipeline is deleted. Retain leaves every KafkaTopic, ' +
          'also one that was never Ready; those of a pipeline have the label clickstream.dev/pipeline.',
      ),
  }),
  {
    cel: 'self.processor.replicas <= self.topics.events.partitions',
    message:
      'processor.replicas must not exceed topics.events.partitions: lower the replicas or raise the partitions',
    holds: (spec) => spec.processor.replicas <= spec.topics.events.partitions,
  },
).describe('What the pipeline shall be.')

/** A parsed spec: every default is filled in. Durations are still text; see duration.ts. */
export type Spec = z.output<typeof Spec>
export type Resources = Spec['producer']['resources']
