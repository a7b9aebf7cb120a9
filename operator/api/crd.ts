import * as z from 'zod'
import { Spec } from './spec.ts'
import { Status } from './status.ts'

export const group = 'clickstream.dev'
export const version = 'v1alpha1'
export const apiVersion = `${group}/${version}`

/** A node of an OpenAPI v3 schema as Kubernetes wants it: structural. */
export interface Schema {
  type?: string
  properties?: Record<string, Schema>
  additionalProperties?: Schema
  items?: Schema
  anyOf?: Schema[]
  required?: string[]
  default?: unknown
  description?: string
  [keyword: string]: unknown
}

const forbidden = [
  '$ref',
  '$defs',
  'allOf',
  'oneOf',
  'not',
  'uniqueItems',
  'patternProperties',
  'prefixItems',
]

/**
 * The OpenAPI schema of a zod schema, made structural: no bounds that only say "safe integer", formats on
 * integers, defaults of objects written out in full. Throws an Error that names the place on what a
 * CustomResourceDefinition may not contain.
 */
export const structural = (type: z.ZodType): Schema => {
  const document = z.toJSONSchema(type, { target: 'openapi-3.0', io: 'input', reused: 'inline' })
  const raw: Schema = JSON.parse(JSON.stringify({ ...document, $schema: undefined }))
  return node(raw, 'schema')
}

const node = (raw: Schema, path: string): Schema => {
  for (const keyword of forbidden) {
    if (keyword in raw) throw new Error(`${path}: a structural schema may not contain ${keyword}`)
  }
  if (raw['x-kubernetes-int-or-string'] === true) {
    const { maxLength: _length, anyOf: _types, type: _type, ...rest } = raw
    return { ...rest, anyOf: [{ type: 'integer' }, { type: 'string' }] }
  }
  if (raw.anyOf !== undefined) throw new Error(`${path}: a structural schema may not contain anyOf`)
  const schema: Schema = { ...raw }
  delete schema['propertyNames']
  if (schema.default !== undefined && typeof schema.default !== 'object') {
    schema.description = `${schema.description ?? ''} Default: ${JSON.stringify(schema.default)}.`.replaceAll(
      '"',
      '',
    )
  }
  if (schema.type === 'integer') bound(schema)
  if (schema.additionalProperties !== undefined) {
    schema.additionalProperties = node(schema.additionalProperties, `${path}.*`)
  }
  if (schema.items !== undefined) schema.items = node(schema.items, `${path}[]`)
  if (schema.properties !== undefined) {
    schema.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, child]) => [name, node(child, `${path}.${name}`)]),
    )
    if (schema.default !== undefined) schema.default = defaults(schema.properties)
  }
  return schema
}

const bound = (schema: Schema): void => {
  if (schema['minimum'] === Number.MIN_SAFE_INTEGER) delete schema['minimum']
  if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum']
  const max = schema['maximum']
  schema['format'] = typeof max === 'number' && max < 2 ** 31 ? 'int32' : 'int64'
}

const defaults = (properties: Record<string, Schema>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(properties)
      .filter(([, child]) => child.default !== undefined)
      .map(([name, child]) => [name, child.default]),
  )

/** Longest name of a pipeline: the names of its pods must stay below 63 characters. */
const maxNameLength = 40
const namePattern = '^[a-z]([-a-z0-9]*[a-z0-9])?$'

/** What is wrong with a pipeline's name; undefined when nothing is. */
export const nameFault = (name: string): string | undefined =>
  nameRules.find((rule) => !rule.holds(name))?.message

const nameRules = [
  {
    cel: `self.metadata.name.size() <= ${maxNameLength}`,
    message: `metadata.name must have at most ${maxNameLength} characters, since topics and pods are named after it`,
    holds: (name: string) => name.length <= maxNameLength,
  },
  {
    cel: `self.metadata.name.matches('${namePattern}')`,
    message:
      'metadata.name must be lower case letters, digits and dashes and begin with a letter, without dots',
    holds: (name: string) => new RegExp(namePattern).test(name),
  },
]

const conditionPath = (type: string, field: string) => `.status.conditions[?(@.type=="${type}")].${field}`

const columns = [
  { name: 'Ready', type: 'string', jsonPath: conditionPath('Ready', 'status') },
  { name: 'Reason', type: 'string', jsonPath: conditionPath('Ready', 'reason') },
  {
    name: 'Rate',
    type: 'integer',
    jsonPath: '.spec.producer.rate',
    description: 'Events per second of each producer',
  },
  { name: 'Window', type: 'string', jsonPath: '.spec.processor.window.size' },
  { name: 'Producer', type: 'string', jsonPath: '.status.producer.ready' },
  { name: 'Processor', type: 'string', jsonPath: '.status.processor.ready' },
  { name: 'Consumer', type: 'string', jsonPath: '.status.consumer.ready' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  { name: 'Cluster', type: 'string', jsonPath: '.spec.kafka.cluster', priority: 1 },
  { name: 'Events', type: 'string', jsonPath: '.status.topics.events.name', priority: 1 },
  { name: 'Metrics', type: 'string', jsonPath: '.status.topics.metrics.name', priority: 1 },
  { name: 'Lag', type: 'integer', jsonPath: '.status.flow.lag', priority: 1 },
  {
    name: 'Freshness',
    type: 'date',
    jsonPath: '.status.flow.lastWindow.end',
    priority: 1,
    description: 'Time since the end of the newest window that the operator saw; it looks every 15 seconds',
  },
  { name: 'Message', type: 'string', jsonPath: conditionPath('Ready', 'message'), priority: 1 },
]

const description =
  'A clickstream pipeline on Kafka: topics, an event source, an aggregation over windows of event time, and live results.'

/** The CustomResourceDefinition of ClickstreamPipeline. */
export const crd = () => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `clickstreampipelines.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: {
      kind: 'ClickstreamPipeline',
      listKind: 'ClickstreamPipelineList',
      plural: 'clickstreampipelines',
      singular: 'clickstreampipeline',
      shortNames: ['csp'],
      categories: ['clickstream'],
    },
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        additionalPrinterColumns: columns,
        subresources: {
          status: {},
          scale: {
            specReplicasPath: '.spec.processor.replicas',
            statusReplicasPath: '.status.processor.replicas',
            labelSelectorPath: '.status.processor.selector',
          },
        },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            description,
            required: ['spec'],
            'x-kubernetes-validations': nameRules.map(({ cel, message }) => ({ rule: cel, message })),
            properties: {
              apiVersion: { type: 'string' },
              kind: { type: 'string' },
              metadata: { type: 'object' },
              spec: structural(Spec),
              status: structural(Status),
            },
          },
        },
      },
    ],
  },
})
