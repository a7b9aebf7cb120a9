import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { until } from '../../../dev/until.ts'
import type { PipelineObject } from '../../../operator/api/kubernetes.ts'
import { essence } from '../../../operator/testing/essence.ts'
import { type AnySpec, asEditOf, validSpecs } from '../../../operator/testing/specs.ts'
import { condition, create, json, kube, satisfy, serve } from './world.ts'

/** A sample of operator/reconcile/transition.test.ts on a real API server. */

const pairs = Number(process.env['HISTORIES'] ?? 3)

serve()

const none = { requests: undefined, limits: undefined }

/**
 * Without what takes long or is refused here: a drain without a consumer to ask takes its whole deadline, and a
 * Deployment may not request more than its limits.
 */
const applicable = (spec: AnySpec): AnySpec => ({
  ...spec,
  producer: { ...spec.producer, resources: none },
  processor: { ...spec.processor, resources: none },
  consumer: { ...spec.consumer, resources: none },
  suspend: false,
  deletionPolicy: 'Retain',
})

/** Waits until a pass has applied all that this generation of the pipeline wants. */
const settle = async (name: string) => {
  const applied = async () => {
    await satisfy(name)
    const generation = (await json<PipelineObject>(`csp ${name}`))?.metadata.generation
    const ready = await condition(name, 'Ready')
    if (['RollingOut', 'Unavailable', 'Ready'].includes(ready?.reason ?? '')) {
      return ready?.observedGeneration === generation
    }
    throw new Error(`${ready?.reason}: ${ready?.message}`)
  }
  await until(`${name} applied`, applied, { deadline: 60_000 })
}

/** The children, as if the pipeline were called `x`. */
const essences = async (name: string, spec: AnySpec) => {
  const look = async (child: string, isScaled = false) => {
    const without = ['annotations', 'clusterIP', 'clusterIPs']
    const text = JSON.stringify(essence(await json<object>(child), { isScaled, without }))
    return JSON.parse(text.replaceAll(name, 'x')) as unknown
  }
  const topics = ['panes', 'dlq', 'metrics', 'events'].map((role) => look(`kafkatopic ${name}-${role}`))
  const pods = (['producer', 'processor', 'consumer'] as const).map((role) =>
    look(`deployment ${name}-${role}`, spec[role].autoscaled),
  )
  return Promise.all([...topics, ...pods, look(`service ${name}-consumer`)])
}

test('from any valid spec to any other, a real API server has the children that the other would have made anew', async () => {
  await kube('apply --server-side -f config/topics/kafkatopics.yaml')
  const running = validSpecs.map(applicable)
  const sample = fc.sample(fc.tuple(running, running), { numRuns: pairs })
  for (const [i, [before, wanted]] of sample.entries()) {
    const after = asEditOf(before, wanted)
    await create(`edited-${i}`, before)
    await until('the topics', () => json(`kafkatopic edited-${i}-panes`), { deadline: 40_000 })
    await settle(`edited-${i}`)
    await create(`edited-${i}`, after)
    await settle(`edited-${i}`)
    await create(`fresh-${i}`, after)
    await settle(`fresh-${i}`)
    const [edited, fresh] = [await essences(`edited-${i}`, after), await essences(`fresh-${i}`, after)]
    assert.deepEqual(edited, fresh, JSON.stringify([before, after]))
  }
})
