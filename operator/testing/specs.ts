import * as fc from 'fast-check'

/** Arbitrary valid specs of a pipeline on the cluster data-on-eks; for property tests. */

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const amounts = (...quantities: readonly string[]) => {
  const quantity = optional(fc.constantFrom(...quantities))
  return optional(fc.record({ cpu: quantity, memory: quantity }))
}
const resources = fc.record({
  requests: amounts('100m', '1', '1500m'),
  limits: amounts('1.5', '256Mi', '1Gi'),
})
const setting = fc.constantFrom('min.insync.replicas', 'segment.bytes', 'max.message.bytes')
const config = fc.dictionary(setting, fc.constantFrom('1', '2', '2000000'), { maxKeys: 2 })
const retention = fc.constantFrom('1m', '1h', '24h', '720h')

const window = fc.oneof(
  fc.record({ size: fc.constantFrom('1s', '10s', '5m', '36h') }),
  fc.record({
    size: fc.constantFrom('60s', '5m'),
    slide: fc.constantFrom('10s', '20s'),
    grace: fc.constantFrom('1s', '1m'),
    idleTimeout: fc.constantFrom('1s', '30s'),
  }),
)
const topic = fc.record({
  partitions: fc.integer({ min: 1, max: 6 }),
  replicas: optional(fc.integer({ min: 1, max: 3 })),
  retention,
  config,
})
const autoscaled = fc.boolean()
const replicas = fc.integer({ min: 0, max: 3 })

/** A spec that every rule allows, also those over several fields. */
export const validSpecs = fc
  .record({
    kafka: fc.record({
      cluster: fc.constant('data-on-eks'),
      bootstrapServers: optional(fc.constantFrom('kafka:9092', 'a.example.com:9096,b.example.com:9096')),
    }),
    topics: fc.record({ events: topic, metrics: topic }),
    producer: fc.record({
      replicas,
      autoscaled,
      rate: fc.integer({ min: 1, max: 50_000 }),
      users: fc.constantFrom(1, 100, 1_000_000),
      resources,
    }),
    processor: fc.record({ replicas, autoscaled, window, resources }),
    consumer: fc.record({ replicas, autoscaled, resources }),
    suspend: fc.constantFrom(false, false, false, true),
    deletionPolicy: fc.constantFrom('Retain', 'Delete'),
  })
  .filter(({ processor, topics }) => processor.replicas <= topics.events.partitions)

export type AnySpec = typeof validSpecs extends fc.Arbitrary<infer T> ? T : never

/** The spec as an edit of another: partitions never shrink. */
export const asEditOf = (before: AnySpec, spec: AnySpec): AnySpec => {
  const grown = (name: 'events' | 'metrics') => ({
    ...spec.topics[name],
    partitions: Math.max(before.topics[name].partitions, spec.topics[name].partitions),
  })
  return { ...spec, topics: { events: grown('events'), metrics: grown('metrics') } }
}
