import * as fc from 'fast-check'
import { exceeds } from '../../operator/api/quantity.ts'

/** Any spec that the API server takes, also with fields that it would prune: for properties of what is made of it. */

const edges = [
  '',
  '..',
  '../x',
  '/etc/shadow',
  '$(HOME)',
  '`id`',
  '{{.}}',
  '\u001b[2J',
  '\u202e',
  '\n',
  '"',
  "'",
  '<b>',
]
const hostile = fc.oneof(fc.constantFrom(...edges), fc.string({ unit: 'binary', maxLength: 40 }))

const alphabet = Array.from('abcdefghijklmnopqrstuvwxyz0123456789')
const character = fc.constantFrom(...alphabet)
/** A DNS label of 2 to `most` characters that begins with a letter. */
const label = (most: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...alphabet.slice(0, 26)),
      fc.string({ unit: fc.constantFrom(...alphabet, '-'), maxLength: most - 2 }),
      character,
    )
    .map((parts) => parts.join(''))

const seconds = (min: number) => fc.integer({ min, max: 604_800 }).map((count) => `${count}s`)
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 })

const quantity = fc.oneof(
  fc.integer({ min: 0, max: 64 }),
  fc
    .tuple(fc.integer({ min: 1, max: 9_999 }), fc.constantFrom('', 'm', 'k', 'M', 'Mi', 'Gi'))
    .map((parts) => parts.join('')),
)
const amounts = optional(fc.record({ cpu: optional(quantity), memory: optional(quantity) }))
const resources = optional(
  fc
    .record({ requests: amounts, limits: amounts })
    .filter(({ requests, limits }) =>
      (['cpu', 'memory'] as const).every((name) => !exceeds(requests?.[name], limits?.[name])),
    ),
)

const brokers = fc
  .array(fc.tuple(label(40), fc.integer({ min: 1, max: 65_535 })), { minLength: 1, maxLength: 4 })
  .map((list) => list.map(([host, port]) => `${host}.example.com:${port}`).join())

const config = fc.dictionary(
  fc.oneof(hostile, fc.constantFrom('max.message.bytes', 'min.insync.replicas', '__proto__')),
  hostile,
  { maxKeys: 4 },
)
const topic = (partitions: fc.Arbitrary<number>) =>
  fc.record({
    partitions,
    replicas: optional(fc.integer({ min: 1, max: 32 })),
    retention: fc.integer({ min: 60, max: 999_999 }).map((count) => `${count}s`),
    config: optional(config),
  })

const window = fc
  .tuple(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 600 }), fc.boolean())
  .chain(([slides, slide, tumbling]) =>
    fc.record({
      size: fc.constant(`${slides * slide}s`),
      slide: fc.constant(tumbling ? undefined : `${slide}s`),
      grace: seconds(1),
      idleTimeout: seconds(1),
    }),
  )

/** What somebody might try: the API server prunes it, and so does the parser. */
const smuggled = optional(
  fc.constantFrom(
    { image: 'evil', command: ['sh'], serviceAccountName: 'admin', namespace: 'kube-system' },
    { securityContext: { privileged: true }, hostNetwork: true, volumes: [{ hostPath: { path: '/' } }] },
    { env: [{ name: 'NODE_OPTIONS', value: '--require /tmp/x' }], containers: [{ name: 'sh' }] },
    { metadata: { labels: { x: 'y' }, annotations: { a: 'b' } }, template: { spec: { hostPID: true } } },
  ),
)

export const spec = fc.integer({ min: 1, max: 1_000 }).chain((partitions) =>
  fc
    .record({
      cluster: label(63),
      brokers: optional(brokers),
      events: topic(fc.constant(partitions)),
      metrics: topic(fc.integer({ min: 1, max: 1_000 })),
      producer: fc.record({
        replicas: fc.integer({ min: 0, max: 100 }),
        rate: fc.integer({ min: 1, max: 50_000 }),
        users: fc.integer({ min: 1, max: 1_000_000 }),
        autoscaled: fc.boolean(),
        resources,
      }),
      processor: fc.record({
        replicas: fc.integer({ min: 0, max: partitions }),
        autoscaled: fc.boolean(),
        window,
        resources,
      }),
      consumer: fc.record({
        replicas: fc.integer({ min: 0, max: 100 }),
        autoscaled: fc.boolean(),
        resources,
      }),
      suspend: fc.boolean(),
      deletionPolicy: fc.constantFrom('Retain', 'Delete'),
      smuggled,
    })
    .map(({ cluster, brokers, events, metrics, producer, processor, consumer, smuggled, ...rest }) => ({
      kafka: { cluster, bootstrapServers: brokers, ...smuggled },
      topics: { events: { ...events, ...smuggled }, metrics },
      producer: { ...producer, ...smuggled },
      processor: { ...processor, ...smuggled },
      consumer: { ...consumer, ...smuggled },
      ...rest,
      ...smuggled,
    })),
)

/** The pipeline's own names, and what somebody may write beside its spec. */
export const metadata = fc.record({
  name: label(40),
  namespace: label(63),
  uid: fc.uuid(),
  annotations: optional(
    fc.record({ 'clickstream.dev/restartedAt': hostile, 'kubectl.kubernetes.io/x': hostile }),
  ),
  labels: optional(fc.dictionary(hostile, hostile, { maxKeys: 2 })),
  generation: fc.integer({ min: 1, max: 1_000 }),
})
