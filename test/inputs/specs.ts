/**
 * Specs and the verdict on each, which the API server and the parser must share. `fault` are the messages to
 * expect, each naming the field or the cure; without it the spec is valid. `before` makes it an update.
 */
export interface SpecCase {
  title: string
  name?: string
  before?: unknown
  spec: unknown
  fault?: {
    /** What the API server's message must contain. */
    server: RegExp
    /** What the parser's must; the server's when absent. A rule over old and new is the server's alone: null. */
    parser?: RegExp | null
  }
}

const kafka = { cluster: 'data-on-eks' }
const window = (fields: object) => ({ kafka, processor: { window: fields } })
const events = (fields: object) => ({ kafka, topics: { events: fields } })
const producer = (fields: object) => ({ kafka, producer: fields })

/** A field of the wrong type or out of bounds, named by both. */
const at = (field: string, server: string, parser: string) => ({
  server: new RegExp(`spec\\.${field}.*${server}`),
  parser: new RegExp(`^spec\\.${field}: .*${parser}`),
})
const integer = (field: string) => at(field, 'must be of type integer', 'expected (int|number)')
const notDuration = /must be hours, minutes and whole seconds, such as 90s, 5m or 1h30m/

const valid: SpecCase[] = [
  { title: 'only the cluster', spec: { kafka } },
  {
    title: 'brokers elsewhere',
    spec: { kafka: { ...kafka, bootstrapServers: 'b-1.example.com:9096,b-2.example.com:9096' } },
  },
  { title: 'a window of one second', spec: window({ size: '1s', grace: '1s', idleTimeout: '1s' }) },
  { title: 'a window of seven days', spec: window({ size: '168h' }) },
  { title: 'hours, minutes and seconds together', spec: window({ size: '1h30m15s' }) },
  { title: 'more than sixty seconds in seconds', spec: window({ size: '90s' }) },
  { title: 'a slide that divides', spec: window({ size: '60s', slide: '20s' }) },
  { title: 'a slide as long as the size', spec: window({ size: '5m', slide: '300s' }) },
  { title: 'a slide with the default size', spec: window({ slide: '1m' }) },
  {
    title: 'no pods at all',
    spec: { kafka, producer: { replicas: 0 }, processor: { replicas: 0 }, consumer: { replicas: 0 } },
  },
  {
    title: 'as many processors as partitions',
    spec: { kafka, topics: { events: { partitions: 3 } }, processor: { replicas: 3 } },
  },
  { title: 'the highest rate', spec: producer({ rate: 50_000, users: 1_000_000 }) },
  {
    title: 'resources in whole numbers and in text',
    spec: producer({ resources: { requests: { cpu: 1, memory: '128Mi' }, limits: { cpu: '1500m' } } }),
  },
  {
    title: 'requests as high as the limits, written otherwise',
    spec: producer({
      resources: { requests: { cpu: '1005m', memory: '0.5Gi' }, limits: { cpu: '1.005', memory: '512Mi' } },
    }),
  },
  {
    title: 'a request above the default limit, a limit below the default request',
    spec: producer({ resources: { requests: { memory: '2Gi' }, limits: { cpu: '10m' } } }),
  },
  {
    title: 'null where there is a default',
    spec: { kafka, producer: null, suspend: null, processor: { window: { size: null } } },
  },
  { title: 'null where there is no default', spec: events({ replicas: null }) },
  {
    title: 'unknown fields, which are pruned',
    spec: { kafka, image: 'evil', producer: { command: ['sh'] } },
  },
  { title: 'settings of a topic', spec: events({ config: { 'min.insync.replicas': '2' } }) },
  {
    title: 'replicas left to an autoscaler',
    spec: { kafka, processor: { autoscaled: true }, consumer: { replicas: 2, autoscaled: true } },
  },
  { title: 'Delete and suspend', spec: { kafka, deletionPolicy: 'Delete', suspend: true } },
  { title: 'the longest name', name: 'a'.repeat(40), spec: { kafka } },
  { title: 'partitions that grow', before: events({ partitions: 3 }), spec: events({ partitions: 6 }) },
]

const numbers: SpecCase[] = [
  {
    title: 'replicas -1',
    spec: producer({ replicas: -1 }),
    fault: at('producer.replicas', 'greater than or equal to 0', '>=0'),
  },
  { title: 'replicas 1.5', spec: producer({ replicas: 1.5 }), fault: integer('producer.replicas') },
  { title: 'replicas "3"', spec: producer({ replicas: '3' }), fault: integer('producer.replicas') },
  {
    title: 'replicas 1e9',
    spec: producer({ replicas: 1e9 }),
    fault: at('producer.replicas', 'less than or equal to 100', '<=100'),
  },
  {
    title: 'partitions 0',
    spec: events({ partitions: 0 }),
    fault: at('topics.events.partitions', 'greater than or equal to 1', '>=1'),
  },
  {
    title: 'partitions 1e9',
    spec: events({ partitions: 1e9 }),
    fault: at('topics.events.partitions', 'less than or equal to 1000', '<=1000'),
  },
  {
    title: 'rate 0',
    spec: producer({ rate: 0 }),
    fault: at('producer.rate', 'greater than or equal to 1', '>=1'),
  },
  {
    title: 'rate 50001',
    spec: producer({ rate: 50_001 }),
    fault: at('producer.rate', 'less than or equal to 50000', '<=50000'),
  },
  {
    title: 'users 0',
    spec: producer({ users: 0 }),
    fault: at('producer.users', 'greater than or equal to 1', '>=1'),
  },
  { title: 'rate true', spec: producer({ rate: true }), fault: integer('producer.rate') },
  {
    title: 'suspend "yes"',
    spec: { kafka, suspend: 'yes' },
    fault: at('suspend', 'must be of type boolean', 'expected boolean'),
  },
  {
    title: 'autoscaled 1',
    spec: producer({ autoscaled: 1 }),
    fault: at('producer.autoscaled', 'must be of type boolean', 'expected boolean'),
  },
  {
    title: 'more processors than partitions',
    spec: { kafka, processor: { replicas: 7 } },
    fault: { server: /processor\.replicas must not exceed topics\.events\.partitions: lower/ },
  },
]

const durations: SpecCase[] = [
  {
    title: 'window 0s',
    spec: window({ size: '0s' }),
    fault: { server: /window\.size.*must be from 1s to 168h/ },
  },
  { title: 'window 500ms', spec: window({ size: '500ms' }), fault: { server: notDuration } },
  { title: 'window 400d', spec: window({ size: '400d' }), fault: { server: notDuration } },
  { title: 'window 1.5h', spec: window({ size: '1.5h' }), fault: { server: notDuration } },
  { title: 'window -5m', spec: window({ size: '-5m' }), fault: { server: notDuration } },
  { title: 'an empty window', spec: window({ size: '' }), fault: { server: notDuration } },
  {
    title: 'a window as a number',
    spec: window({ size: 300 }),
    fault: at('processor.window.size', 'must be of type string', 'expected string'),
  },
  {
    title: 'a window longer than seven days',
    spec: window({ size: '169h' }),
    fault: { server: /must be from 1s to 168h/ },
  },
  {
    title: 'a slide that does not divide',
    spec: window({ size: '60s', slide: '25s' }),
    fault: { server: /size must be a whole multiple of slide/ },
  },
  {
    title: 'a slide longer than the size',
    spec: window({ size: '20s', slide: '60s' }),
    fault: { server: /size must be a whole multiple of slide/ },
  },
  {
    title: 'slide 0s',
    spec: window({ slide: '0s' }),
    fault: { server: /window\.slide.*must be from 1s to 168h/ },
  },
  { title: 'slide 1x', spec: window({ slide: '1x' }), fault: { server: notDuration } },
  {
    title: 'more than a thousand slides',
    spec: window({ size: '168h', slide: '1s' }),
    fault: { server: /at most 1000 slides/ },
  },
  {
    title: 'grace 0s',
    spec: window({ grace: '0s' }),
    fault: { server: /window\.grace.*must be from 1s to 168h/ },
  },
  { title: 'a duration in other digits', spec: window({ size: '５m' }), fault: { server: notDuration } },
  {
    title: 'retention 1s',
    spec: events({ retention: '1s' }),
    fault: { server: /must be from 60s to 87600h/ },
  },
]

const texts: SpecCase[] = [
  { title: 'no spec of Kafka', spec: {}, fault: at('kafka', 'Required', 'expected object') },
  { title: 'no cluster', spec: { kafka: {} }, fault: at('kafka.cluster', 'Required', 'expected string') },
  { title: 'an empty cluster', spec: { kafka: { cluster: '' } }, fault: { server: /spec\.kafka\.cluster/ } },
  {
    title: 'a cluster in unicode',
    spec: { kafka: { cluster: 'дата' } },
    fault: { server: /must be the name of a Kafka cluster/ },
  },
  {
    title: 'a cluster of 10,000 characters',
    spec: { kafka: { cluster: 'a'.repeat(10_000) } },
    fault: at('kafka.cluster', '(Too long|may not be more than)', '<=63'),
  },
  {
    title: 'brokers without a port',
    spec: { kafka: { ...kafka, bootstrapServers: 'broker' } },
    fault: { server: /must be host:port\[,host:port…\]/ },
  },
  {
    title: 'an unknown deletion policy',
    spec: { kafka, deletionPolicy: 'Keep' },
    fault: at('deletionPolicy', 'Unsupported value', 'expected one of'),
  },
  {
    title: 'a quantity that is none',
    spec: producer({ resources: { limits: { memory: 'lots' } } }),
    fault: at('producer.resources.limits.memory', 'should match', 'must be a quantity'),
  },
  {
    title: 'a quantity that the API server would cut',
    spec: producer({ resources: { limits: { memory: '8388608Ti' } } }),
    fault: at('producer.resources.limits.memory', 'should match', 'must be a quantity below 1000000T'),
  },
  {
    title: 'a negative quantity',
    spec: producer({ resources: { requests: { cpu: -1 } } }),
    fault: at('producer.resources.requests.cpu', 'greater than or equal to 0', 'must be a quantity'),
  },
  {
    title: 'more memory requested than the limit',
    spec: producer({ resources: { requests: { memory: '1Gi' }, limits: { memory: '1G' } } }),
    fault: at('producer.resources', 'requests.memory must not exceed limits.memory', 'raise the limit'),
  },
  {
    title: 'more processor time requested than the limit',
    spec: { kafka, processor: { resources: { requests: { cpu: 1 }, limits: { cpu: '500m' } } } },
    fault: at('processor.resources', 'requests.cpu must not exceed limits.cpu', 'raise the limit'),
  },
  {
    title: 'retention.ms beside retention',
    spec: events({ config: { 'retention.ms': '1' } }),
    fault: { server: /set retention instead/ },
  },
  {
    title: 'a setting that is a number',
    spec: events({ config: { 'min.insync.replicas': 2 } }),
    fault: { server: /must be of type string/, parser: /expected string/ },
  },
  {
    title: 'a list for an object',
    spec: { kafka, producer: [] },
    fault: at('producer', 'must be of type object', 'expected object'),
  },
  {
    title: 'a name of 41 characters',
    name: 'a'.repeat(41),
    spec: { kafka },
    fault: { server: /at most 40 characters/ },
  },
  {
    title: 'a name of 253 characters',
    name: 'a'.repeat(253),
    spec: { kafka },
    fault: { server: /at most 40 characters/ },
  },
  { title: 'a name with a dot', name: 'click.stream', spec: { kafka }, fault: { server: /without dots/ } },
  {
    title: 'a name that begins with a digit',
    name: '1click',
    spec: { kafka },
    fault: { server: /begin with a letter/ },
  },
]

const changes: SpecCase[] = [
  {
    title: 'partitions that shrink',
    before: events({ partitions: 6 }),
    spec: events({ partitions: 3 }),
    fault: { server: /partitions cannot shrink/, parser: null },
  },
  {
    title: 'metrics partitions that shrink',
    before: { kafka, topics: { metrics: { partitions: 2 } } },
    spec: { kafka },
    fault: { server: /partitions cannot shrink/, parser: null },
  },
  {
    title: 'another cluster',
    before: { kafka },
    spec: { kafka: { cluster: 'other' } },
    fault: { server: /the Kafka cluster cannot be changed/, parser: null },
  },
]

export const specCases: readonly SpecCase[] = [...valid, ...numbers, ...durations, ...texts, ...changes]
