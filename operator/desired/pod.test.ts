import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseSettings, Processor, Producer } from '../../runtime/settings.ts'
import { pipeline, wanted } from '../testing/pipelines.ts'

const duration = fc.integer({ min: 1, max: 604_800 }).map((seconds) => `${seconds}s`)
const quantities = (...amounts: readonly (string | number)[]) => {
  const amount = fc.option(fc.constantFrom(...amounts), { nil: undefined })
  return fc.record({ cpu: amount, memory: amount })
}
const resources = fc.record({ requests: quantities('100m', '1', 3), limits: quantities(3, '3.5', '256Mi') })
const specs = fc.record({
  producer: fc.record({
    replicas: fc.integer({ min: 0, max: 100 }),
    rate: fc.integer({ min: 1, max: 50_000 }),
    users: fc.integer({ min: 1, max: 1_000_000 }),
    resources,
  }),
  processor: fc.record({
    replicas: fc.integer({ min: 0, max: 6 }),
    window: fc.record({ size: duration, grace: duration, idleTimeout: duration }),
    resources,
  }),
})

test('whatever the spec says, pods are restricted, mount no token and read their settings', () => {
  fc.assert(
    fc.property(specs, (spec) => {
      const { deployments } = wanted(pipeline(spec))
      for (const {
        spec: { template },
      } of Object.values(deployments)) {
        const pod = template.spec
        const [container] = pod.containers
        assert.deepEqual(Object.keys(pod).includes('volumes'), false)
        assert.equal(pod['automountServiceAccountToken'], false)
        assert.equal(pod['shareProcessNamespace'], true)
        assert.deepEqual(pod['securityContext'], {
          runAsNonRoot: true,
          runAsUser: 65_532,
          runAsGroup: 65_532,
          seccompProfile: { type: 'RuntimeDefault' },
        })
        assert.deepEqual(container?.['securityContext'], {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
        assert.equal(container?.image, 'clickstream-runtime')
      }
      const environment = (role: 'producer' | 'processor') =>
        Object.fromEntries(
          (deployments[role].spec.template.spec.containers[0]?.env ?? []).map(({ name, value }) => [
            name,
            value,
          ]),
        )
      assert.equal(parseSettings(Producer, environment('producer')).RATE, spec.producer.rate)
      const { size } = spec.processor.window
      assert.equal(`${parseSettings(Processor, environment('processor')).WINDOW_SIZE_MS / 1_000}s`, size)
    }),
    { numRuns: 200 },
  )
})

const resourcesOf = (resources: object) =>
  wanted(pipeline({ consumer: { resources } })).deployments.consumer.spec.template.spec.containers[0]?.[
    'resources'
  ]

test('a pod has what the spec sets of its resources, and the rest by default', () => {
  assert.deepEqual(resourcesOf({}), {
    requests: { cpu: '20m', memory: '96Mi' },
    limits: { memory: '256Mi' },
  })
  assert.deepEqual(resourcesOf({ requests: { memory: '128Mi' }, limits: { cpu: 1 } }), {
    requests: { cpu: '20m', memory: '128Mi' },
    limits: { cpu: '1', memory: '256Mi' },
  })
})

test('a default of a resource gives way to what the spec sets', () => {
  assert.deepEqual(resourcesOf({ requests: { memory: '1Gi' } }), {
    requests: { cpu: '20m', memory: '1Gi' },
    limits: { memory: '1Gi' },
  })
  assert.deepEqual(resourcesOf({ limits: { cpu: '10m', memory: '64Mi' } }), {
    requests: { cpu: '10m', memory: '64Mi' },
    limits: { cpu: '10m', memory: '64Mi' },
  })
})

test('of every role a new pod must be ready before an old one ends, one at a time', () => {
  for (const { spec } of Object.values(wanted(pipeline()).deployments)) {
    assert.deepEqual(spec.strategy, {
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
    })
  }
})
