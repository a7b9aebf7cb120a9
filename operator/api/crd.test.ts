import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { crd, type Schema, structural } from './crd.ts'

const [version] = crd().spec.versions
const { spec, status } = version!.schema.openAPIV3Schema.properties

/** Every node of a schema with its path. */
const nodes = (schema: Schema, path: string): [string, Schema][] => [
  [path, schema],
  ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) => nodes(child, `${path}.${name}`)),
  ...(schema.items === undefined ? [] : nodes(schema.items, `${path}[]`)),
]

test('kubectl explain has a sentence for every field of the spec, with the default where there is one', () => {
  for (const [path, { description, default: value }] of nodes(spec, 'spec')) {
    assert.match(description ?? '', /\.$|:$/, path)
    if (value !== undefined && typeof value !== 'object') assert.match(description ?? '', /Default: /, path)
  }
})

test('every text and list is bounded, so that the API server can estimate the cost of its rules', () => {
  for (const [path, schema] of [...nodes(spec, 'spec'), ...nodes(status, 'status')]) {
    if (schema.type === 'string' && schema['enum'] === undefined) assert.ok(schema['maxLength'], path)
    if (schema.type === 'array') assert.ok(schema['maxItems'], path)
  }
})

test('the default of an object is written out in full, since rules are evaluated on it', () => {
  assert.deepEqual(spec.properties?.['processor']?.default, {
    replicas: 1,
    autoscaled: false,
    window: { size: '5m', grace: '10s', idleTimeout: '30s' },
    resources: {},
  })
})

test('a status that was never written speaks of no generation', () => {
  assert.deepEqual(status.default, { observedGeneration: -1 })
})

test('what a structural schema forbids is refused with its place', () => {
  const union = z.object({ size: z.union([z.string(), z.object({ a: z.int() })]) })
  assert.throws(() => structural(union), /^Error: schema\.size: a structural schema may not contain anyOf$/)
  const tuple = z.object({ pair: z.tuple([z.int(), z.int()]) })
  assert.throws(() => structural(tuple), /schema\.pair/)
})

test('whole numbers have a format, and no bound that only says what a number can hold', () => {
  assert.deepEqual(structural(z.object({ n: z.int(), m: z.int().min(1).max(9) })).properties, {
    n: { type: 'integer', format: 'int64' },
    m: { type: 'integer', format: 'int32', minimum: 1, maximum: 9 },
  })
})
